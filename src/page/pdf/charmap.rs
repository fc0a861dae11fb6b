//! Characters of fonts whose ToUnicode table does not tell them.
//!
//! An East Asian font is often embedded without one: its encoding (`GBK-EUC-H`, `UniGB-UCS2-H`, …)
//! leads from codes to the numbers of a character collection, and Adobe's tables from there to
//! Unicode. `hayro-interpret` follows them for fonts that are not embedded alone, so this module looks
//! through the fonts of the page and does it for the others.
//!
//! A glyph does not tell which font of the resources it came from, only its font's name; so a map is
//! found by name and direction, and where two fonts share both, the first that knows the code answers.

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

/// A font's name without the prefix of a subset, and whether it is written down.
type FontKey = (String, bool);

/// The maps of a page's fonts.
#[derive(Debug, Default)]
pub(super) struct Charmaps {
    maps: HashMap<FontKey, Vec<Charmap>>,
}

/// Leads from the codes of one font to characters.
#[derive(Debug)]
struct Charmap {
    /// Codes to numbers of the collection.
    encoding: CMap,
    /// The collection.
    family: CidFamily,
    /// Numbers of the collection to characters, once they were asked for: the tables are large, and
    /// most fonts tell their characters themselves.
    characters: OnceCell<Option<CMap>>,
}

impl Charmap {
    fn read(&self, code: u32) -> Option<BfString> {
        let number = (1..=4).find_map(|length| self.encoding.lookup_cid_code(code, length))?;
        let load = || CMap::parse(load_embedded(self.family.ucs2_cmap()?)?, load_embedded);
        self.characters.get_or_init(load).as_ref()?.lookup_bf_string(number)
    }
}

/// The maps that may answer for one font.
#[derive(Debug, Clone, Copy)]
pub(super) struct FontCharmap<'m>(&'m [Charmap]);

impl FontCharmap<'_> {
    /// The character that a code stands for.
    pub(super) fn read(&self, code: u32) -> Option<BfString> {
        self.0.iter().find_map(|map| map.read(code))
    }
}

impl Charmaps {
    /// Looks through the fonts of `resources` and of the forms that they name.
    pub(super) fn of(resources: &Resources<'_>) -> Self {
        let mut walk = Walk::default();
        walk.fonts(&resources.fonts);
        walk.forms(&resources.x_objects, 0);
        Self { maps: walk.maps }
    }

    /// The maps for glyphs of the font of this name that is written down or across.
    pub(super) fn of_font(&self, name: &str, down: bool) -> Option<FontCharmap<'_>> {
        // Asked for each run of glyphs, and many pages have no such font.
        if self.maps.is_empty() {
            return None;
        }
        self.maps.get(&(name.to_owned(), down)).map(|maps| FontCharmap(maps))
    }
}

#[derive(Default)]
struct Walk {
    maps: HashMap<FontKey, Vec<Charmap>>,
    seen: HashSet<ObjRef>,
    forms: usize,
    fonts: usize,
}

impl Walk {
    fn forms(&mut self, x_objects: &Dict<'_>, depth: usize) {
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

    fn fonts(&mut self, fonts: &Dict<'_>) {
        for name in fonts.keys() {
            let known = fonts.get_ref(&name).is_some_and(|reference| !self.seen.insert(reference));
            if known || self.fonts >= MAX_FONTS {
                continue;
            }
            self.fonts += 1;
            if let Some(((name, down), map)) = fonts.get::<Dict<'_>>(&name).and_then(|font| charmap(&font)) {
                self.maps.entry((name, down)).or_default().push(map);
            }
        }
    }
}

/// The map of a composite font of a known collection. Its own ToUnicode table is asked first, but it
/// may leave codes out.
fn charmap(font: &Dict<'_>) -> Option<(FontKey, Charmap)> {
    if font.get::<Name<'_>>(b"Subtype")?.as_ref() != b"Type0" {
        return None;
    }
    let base = font.get::<Name<'_>>(b"BaseFont")?;
    let encoding = match font.get::<Object<'_>>(b"Encoding")? {
        Object::Name(name) => match CMapName::from_bytes(name.as_ref()) {
            CMapName::IdentityH => CMap::identity_h(),
            CMapName::IdentityV => CMap::identity_v(),
            predefined => CMap::parse(load_embedded(predefined)?, load_embedded)?,
        },
        Object::Stream(stream) => CMap::parse(&stream.decoded_data().ok()?, load_embedded)?,
        _ => return None,
    };
    let down = encoding.metadata().writing_mode == Some(WritingMode::Vertical);
    let of_encoding = encoding.metadata().character_collection.as_ref().map(|collection| collection.family.clone());
    let family = of_encoding.filter(|family| *family != CidFamily::AdobeIdentity).or_else(|| collection(font))?;
    family.ucs2_cmap()?;
    Some(((without_prefix(base.as_str()).to_owned(), down), Charmap { encoding, family, characters: OnceCell::new() }))
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
