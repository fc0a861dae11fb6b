#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::*;

fn layer(name: &str) -> Layer {
    Layer::parse(preset(name).unwrap().text).unwrap()
}

#[test]
fn every_preset_is_right_and_every_address_goes_with_every_template() {
    let names = |kind: &str| PRESETS.iter().map(|preset| preset.name).filter(|name| name.starts_with(kind)).collect::<Vec<_>>();
    // Two of them come on top of another one.
    let whole = |name: &&str| !matches!(*name, "template/tree" | "template/paperindex-whole" | "template/numbered");
    for address in names("address/") {
        for template in names("template/").into_iter().filter(whole) {
            let described = Description::new("https://paper.example/".parse().unwrap(), [layer(address), layer(template)]);
            assert!(described.is_ok(), "{address} {template}: {}", described.unwrap_err());
        }
    }
}

#[test]
fn every_file_of_presets_is_part_of_the_program() {
    let mut files = BTreeSet::new();
    for folder in ["address", "template"] {
        for entry in std::fs::read_dir(format!("config/sources/{folder}")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            files.insert(format!("{folder}/{}", name.trim_end_matches(".toml")));
        }
    }
    assert_eq!(files, PRESETS.iter().map(|preset| preset.name.to_owned()).collect());
}

#[test]
fn every_address_knows_its_own_issues() {
    let date = NaiveDate::from_ymd_opt(2023, 2, 20).unwrap();
    for preset in PRESETS.iter().filter(|preset| preset.name.starts_with("address/")) {
        let own = Layer::parse("issue.code = 'D110000qz'").unwrap();
        let site: Url = "https://paper.example/qz/".parse().unwrap();
        let description = Description::new(site.clone(), [own, layer(preset.name), layer("template/classic")]).unwrap();
        let rules = layer(preset.name).probe();
        for url in description.issue_urls(date) {
            let found = rules.address.captures(url.as_str()).unwrap_or_else(|| panic!("{}: {url}", preset.name));
            assert_eq!(&found["site"], site.as_str(), "{url}");
            assert!(found.name("code").is_none_or(|code| code.as_str() == "D110000qz"), "{url}");
        }
    }
}

#[test]
fn a_layer_above_takes_the_place_of_a_setting_and_of_no_other() {
    let above = Layer::parse("[page]\ntitle = 'h1'\n[fetch]\nmin_gap = 9.5").unwrap();
    let below = Layer::parse("[page]\ntitle = ['h2', 'h3']\nlist = 'a'\n[fetch]\nretries = 7").unwrap();
    let both = above.over(below);
    assert_eq!(both.page.title, Layer::parse("page.title = 'h1'").unwrap().page.title);
    assert_eq!(both.page.list, Layer::parse("page.list = ['a']").unwrap().page.list);
    assert_eq!((both.fetch.min_gap, both.fetch.retries), (Some(9.5), Some(7)));
}

#[test]
fn what_is_wrong_with_a_layer_is_told_with_its_line() {
    for (text, told) in [
        ("[page]\nlist = 'a['", "line 2"),
        ("[page]\nlst = 'a'", "unknown field `lst`"),
        ("[field]\nbody = { at = 'p', regexp = 'x' }", "unknown field `regexp`"),
        ("[field]\nbody = 'comment:enpproperty'", "comment:NAME/TAG"),
        ("[field]\nbody = 'p @'", "without the name of an attribute"),
        ("[issue]\nurl = '%Y/%Q'", "sign of strftime"),
        ("[fetch]\nencoding = 'klingon'", "no encoding"),
    ] {
        let error = Layer::parse(text).unwrap_err();
        assert!(error.contains(told), "{text}: {error}");
    }
}
