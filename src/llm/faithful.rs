//! Whether a summary says only what its article says, as far as that can be seen without understanding it:
//! every figure and every name in it must stand in the article.
//!
//! What is a name is told by its form: a word in capitals, what stands in quotation marks, what ends as
//! places and offices do, and what stands where persons are named. The check errs on the side of refusal,
//! for a summary that is refused is replaced by sentences of the article.

use std::collections::BTreeSet;

use crate::model::Article;
use crate::model::fold::folded_text;
use crate::model::script::is_ideograph;
use crate::model::units::units;

/// What a summary has that its article has not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfaithful {
    /// A figure.
    #[error("the model wrote the figure {0:?}, which is not in the article")]
    Figure(String),
    /// A name.
    #[error("the model wrote the name {0:?}, which is not in the article")]
    Name(String),
}

/// Characters of Chinese numerals.
const NUMERALS: &str = "〇零一二三四五六七八九十百千万亿两";

/// What ends the names of places, offices and schools, and what stands before it where it is no name: 全市.
const PLACES: &str = "县市省州镇乡村区局院校厂";
const NO_NAMES: &str = "全本城地社农该各我此两多当郊山小新老";

/// The commonest surnames, which three quarters of the Chinese have, and those in two characters.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤俞常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳";

/// What stands behind a person's name, and what stands before one.
const BEHIND_PERSONS: &[&str] = &[
    "说", "表示", "介绍", "称", "指出", "认为", "告诉", "强调", "透露", "回应", "先生", "女士", "教授", "书记", "县长", "市长", "主任",
    "局长", "等人",
];
const BEFORE_PERSONS: &[&str] = &[
    "记者",
    "书记",
    "县长",
    "市长",
    "镇长",
    "主任",
    "局长",
    "院长",
    "校长",
    "教授",
    "居民",
    "村民",
    "市民",
    "经理",
    "董事长",
    "负责人",
    "队长",
    "医生",
    "老师",
    "警察",
    "民警",
    "司机",
];

/// Holds a summary against its article.
///
/// # Errors
///
/// The first figure or name that the article has not.
pub fn check(summary: &str, article: &Article) -> Result<(), Unfaithful> {
    let heads = [&article.kicker, &article.headline, &article.deck, &article.dateline].into_iter().flatten();
    let text: Vec<&str> = heads.chain(&article.paragraphs).chain(&article.byline).map(String::as_str).collect();
    let article = folded_text(&text.join("\n"));
    let folded = folded_text(summary);
    figures(&folded, &article)?;
    words(summary, &article)?;
    quotations(&folded, &article)?;
    ideographic_names(&folded, &article)
}

/// The numbers of a text, without the commas of thousands, and the Chinese numerals of two characters or
/// more.
fn numbers(text: &str) -> BTreeSet<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = BTreeSet::new();
    let mut n = 0;
    while n < chars.len() {
        let start = n;
        let inner = |n: usize| matches!(chars[n], '.' | ',') && chars.get(n + 1).is_some_and(char::is_ascii_digit);
        while n < chars.len() && (chars[n].is_ascii_digit() || (n > start && inner(n))) {
            n += 1;
        }
        if n > start {
            found.insert(chars[start..n].iter().filter(|c| **c != ',').collect());
            continue;
        }
        while n < chars.len() && NUMERALS.contains(chars[n]) {
            n += 1;
        }
        if n - start > 1 {
            found.insert(chars[start..n].iter().collect());
        }
        n = n.max(start + 1);
    }
    found
}

fn figures(summary: &str, article: &str) -> Result<(), Unfaithful> {
    let known = numbers(article);
    match numbers(summary).into_iter().find(|figure| !known.contains(figure)) {
        Some(figure) => Err(Unfaithful::Figure(figure)),
        None => Ok(()),
    }
}

/// Words with a capital letter, but for the first of a sentence, and in a text of ideographs all words.
fn words(summary: &str, article: &str) -> Result<(), Unfaithful> {
    let known: BTreeSet<&str> = units(article).into_iter().collect();
    let mut begins = true;
    for word in summary.split_inclusive(|c: char| !c.is_alphanumeric() || is_ideograph(c)) {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric() || is_ideograph(c));
        let folded = folded_text(bare);
        let is_name = bare.starts_with(char::is_uppercase) && !begins;
        if is_name && !units(&folded).iter().all(|unit| known.contains(unit)) {
            return Err(Unfaithful::Name(bare.to_owned()));
        }
        if !bare.is_empty() {
            begins = false;
        }
        if word.ends_with(['.', '!', '?', ':']) {
            begins = true;
        }
    }
    Ok(())
}

/// What stands in quotation marks or in the marks of titles.
fn quotations(summary: &str, article: &str) -> Result<(), Unfaithful> {
    for (open, close) in [('《', '》'), ('“', '”'), ('「', '」'), ('『', '』'), ('„', '“'), ('«', '»')] {
        for rest in summary.split(open).skip(1) {
            let Some((quoted, _)) = rest.split_once(close) else { continue };
            if !article.contains(quoted) {
                return Err(Unfaithful::Name(quoted.to_owned()));
            }
        }
    }
    Ok(())
}

/// Names in ideographs: of places by their last character, of persons by what stands around them.
fn ideographic_names(summary: &str, article: &str) -> Result<(), Unfaithful> {
    let chars: Vec<char> = summary.chars().collect();
    let part = |start: usize, end: usize| chars[start..end].iter().collect::<String>();
    for n in 0..chars.len() {
        if n > 0
            && PLACES.contains(chars[n])
            && is_ideograph(chars[n - 1])
            && !NO_NAMES.contains(chars[n - 1])
            && !article.contains(&part(n - 1, n + 1))
        {
            return Err(Unfaithful::Name(part(n.saturating_sub(2), n + 1)));
        }
        let Some(next) = chars.get(n + 1).filter(|c| is_ideograph(**c)) else { continue };
        if !SURNAMES.contains(chars[n]) || article.contains(&format!("{}{next}", chars[n])) {
            continue;
        }
        let before = part(n.saturating_sub(4), n);
        let names = |length: usize| {
            let behind = chars.get(n + length..).map(|rest| rest.iter().take(3).collect::<String>()).unwrap_or_default();
            BEHIND_PERSONS.iter().any(|word| behind.starts_with(word))
        };
        if names(2) || names(3) || BEFORE_PERSONS.iter().any(|word| before.ends_with(word)) {
            return Err(Unfaithful::Name(part(n, (n + 3).min(chars.len()))));
        }
    }
    Ok(())
}
