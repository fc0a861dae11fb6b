//! rss2email, which makes a mail of every entry.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::house::House;
use crate::readers::output;

/// rss2email with its configuration in a house, and the folder into which it mails.
pub(crate) struct Rss2Email {
    home: PathBuf,
}

impl Rss2Email {
    /// Subscribed to the feed at `url`. Its mails are HTML and bear the entries' dates.
    pub(crate) fn subscribed(house: &House, url: &str) -> Self {
        let reader = Self { home: house.path("") };
        for folder in ["cur", "new", "tmp"] {
            fs::create_dir_all(reader.home.join("mail/INBOX").join(folder)).unwrap();
        }
        reader.command(&["new", "reader@example.org"]);
        let mail = reader.home.join("mail").display().to_string();
        let settings = [
            ("email-protocol", "maildir"),
            ("maildir-path", mail.as_str()),
            ("maildir-mailbox", "INBOX"),
            ("html-mail", "True"),
            ("date-header", "True"),
            ("date-header-order", "issued, modified"),
        ];
        let written = fs::read_to_string(reader.home.join("r2e.cfg")).unwrap();
        let set = |line: &str| {
            let name = line.split(" =").next().unwrap_or_default();
            let setting = settings.iter().find(|(known, _)| *known == name);
            setting.map_or_else(|| line.to_owned(), |(name, value)| format!("{name} = {value}"))
        };
        let text = written.lines().map(set).collect::<Vec<_>>().join("\n");
        assert!(settings.iter().all(|(name, value)| text.contains(&format!("{name} = {value}"))), "{text}");
        fs::write(reader.home.join("r2e.cfg"), text).unwrap();
        reader.command(&["add", "paper", url]);
        reader
    }

    /// Looks at the feed once.
    pub(crate) fn run(&self) {
        self.command(&["run"]);
    }

    /// Where its mails lie.
    pub(crate) fn inbox(&self) -> PathBuf {
        self.home.join("mail/INBOX/new")
    }

    /// How many mails it has sent.
    pub(crate) fn mails(&self) -> usize {
        fs::read_dir(self.inbox()).unwrap().count()
    }

    fn command(&self, arguments: &[&str]) {
        let (config, data) = (self.home.join("r2e.cfg"), self.home.join("r2e.json"));
        output(Command::new("r2e").env("HOME", &self.home).arg("-c").arg(config).arg("-d").arg(data).args(arguments));
    }
}
