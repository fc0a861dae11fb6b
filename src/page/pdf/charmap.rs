//! Characters of fonts whose ToUnicode table does not tell them.
//!
//! An East Asian font is often embedded without one: its encoding (`GBK-EUC-H`, `UniGB-UCS2-H`, …)
//! leads from codes to the numbers of a character collection, and Adobe's tables from there to
//! Unicode. `hayro-interpret` follows them for fonts that are not embedded alone, so this module looks
//! through the fonts of the page and does it for the others.
//!
//! A glyph does not tell which font of the resources it came from, only its font's name; so a map is
//! found by name and direction, and where two fonts share both, the first that knows the code answers.
//!
//! The tables are large and most fonts tell their characters themselves. So the fonts are looked
//! through at the first glyph that does not tell, and each table is built when it is first asked.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use hayro_interpret::hayro_cmap::{BfString, CMap, CMapName, CidFamily, WritingMode, load_embedded};
use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, ObjRef, Object, Stream, String as PdfString};
use hayro_interpret::hayro_syntax::page::Resources;

/// How deep forms within forms are looked into for fonts.
const MAX_DEPTH: usize = 6;
/// Forms that are looked into for fonts.
const MAX_FORMS: usize = 2_000;
/// Fonts that are looked at.
const MAX_FONTS: usize = 4_000;

/// The maps of a page's fonts, by their names without the prefix of a subset.
#[derive(Debug)]
pub(super) struct Charmaps<'a> {
    resources: &'a Resources<'a>,
    maps: OnceCell<HashMap<String, Vec<Charmap<'a>>>>,
}

/// Leads from the codes of one font to characters.
#[derive(Debug)]
struct Charmap<'a> {
    font: Dict<'a>,
    /// Codes to numbers of a collection; `None` where the font leads to none that is known.
    encoding: OnceCell<Option<Encoding>>,
    /// Numbers of the collection to characters.
    characters: OnceCell<Option<CMap>>,
}

/// Leads from the codes of one font to the numbers of a collection.
#[derive(Debug)]
struct Encoding {
    codes: CMap,
    collection: CidFamily,
    /// Whether it is for text that is written down.
    down: bool,
}

impl Charmap<'_> {
    fn read(&self, code: u32, down: bool) -> Option<BfString> {
        let encoding = self.encoding.get_or_init(|| Encoding::of(&self.font)).as_ref().filter(|encoding| encoding.down == down)?;
        let number = (1..=4).find_map(|length| encoding.codes.lookup_cid_code(code, length))?;
        let load = || CMap::parse(load_embedded(encoding.collection.ucs2_cmap()?)?, load_embedded);
        self.characters.get_or_init(load).as_ref()?.lookup_bf_string(number)
    }
}

impl<'a> Charmaps<'a> {
    /// The maps of the fonts of `resources` and of the forms that they name.
    pub(super) fn of(resources: &'a Resources<'a>) -> Self {
        Self { resources, maps: OnceCell::new() }
    }

    /// The character that a code stands for in the font of this name that is written down or across.
    pub(super) fn read(&self, font: &str, down: bool, code: u32) -> Option<BfString> {
        let maps = self.maps.get_or_init(|| {
            let mut walk = Walk::default();
            walk.fonts(&self.resources.fonts);
            walk.forms(&self.resources.x_objects, 0);
            walk.maps
        });
        maps.get(font)?.iter().find_map(|map| map.read(code, down))
    }
}

#[derive(Default)]
struct Walk<'a> {
    maps: HashMap<String, Vec<Charmap<'a>>>,
    seen: HashSet<ObjRef>,
    forms: usize,
    fonts: usize,
}

impl<'a> Walk<'a> {
    fn forms(&mut self, x_objects: &Dict<'a>, depth: usize) {
        if depth >= MAX_DEPTH {
            return;
        }
        for name in x_objects.keys() {
            let known = x_objects.get_ref(&name).is_some_and(|reference| !self.seen.insert(reference));
            if known || self.forms >= MAX_FORMS {
                continue;
            }
            self.forms += 1;
            let Some(form) = x_objects.get::<Stream<'_>>(&name) else { continue };
            let Some(resources) = form.dict().get::<Dict<'_>>(b"Resources") else { continue };
            if let Some(fonts) = resources.get::<Dict<'_>>(b"Font") {
                self.fonts(&fonts);
            }
            if let Some(inner) = resources.get::<Dict<'_>>(b"XObject") {
                self.forms(&inner, depth + 1);
            }
        }
    }

    fn fonts(&mut self, fonts: &Dict<'a>) {
        for name in fonts.keys() {
            let known = fonts.get_ref(&name).is_some_and(|reference| !self.seen.insert(reference));
            if known || self.fonts >= MAX_FONTS {
                continue;
            }
            self.fonts += 1;
            let Some(font) = fonts.get::<Dict<'_>>(&name) else { continue };
            if font.get::<Name<'_>>(b"Subtype").is_some_and(|kind| kind.as_ref() == b"Type0")
                && let Some(base) = font.get::<Name<'_>>(b"BaseFont")
            {
                let map = Charmap { font: font.clone(), encoding: OnceCell::new(), characters: OnceCell::new() };
                self.maps.entry(without_prefix(base.as_str()).to_owned()).or_default().push(map);
            }
        }
    }
}

impl Encoding {
    /// The encoding of a composite font, where it leads to a known collection.
    fn of(font: &Dict<'_>) -> Option<Self> {
        let codes = match font.get::<Object<'_>>(b"Encoding")? {
            Object::Name(name) => match CMapName::from_bytes(name.as_ref()) {
                CMapName::IdentityH => CMap::identity_h(),
                CMapName::IdentityV => CMap::identity_v(),
                predefined => CMap::parse(load_embedded(predefined)?, load_embedded)?,
            },
            Object::Stream(stream) => CMap::parse(&stream.decoded_data().ok()?, load_embedded)?,
            _ => return None,
        };
        let down = codes.metadata().writing_mode == Some(WritingMode::Vertical);
        let own = codes.metadata().character_collection.as_ref().map(|collection| collection.family.clone());
        let collection = own.filter(|family| *family != CidFamily::AdobeIdentity).or_else(|| collection(font))?;
        collection.ucs2_cmap()?;
        Some(Self { codes, collection, down })
    }
}

/// The character collection of a composite font's descendant.
fn collection(font: &Dict<'_>) -> Option<CidFamily> {
    let descendant = font.get::<Array<'_>>(b"DescendantFonts")?.iter::<Dict<'_>>().next()?;
    let info = descendant.get::<Dict<'_>>(b"CIDSystemInfo")?;
    let (registry, ordering) = (info.get::<PdfString<'_>>(b"Registry")?, info.get::<PdfString<'_>>(b"Ordering")?);
    Some(CidFamily::from_registry_ordering(registry.as_bytes(), ordering.as_bytes()))
}

/// A font's name without the six letters and the plus sign that mark a subset.
fn without_prefix(name: &str) -> &str {
    match name.split_once('+') {
        Some((prefix, rest)) if prefix.len() == 6 => rest,
        _ => name,
    }
}
