//! Makes PDFs for the tests, byte by byte, so that a test says what is in the file it reads.

use std::fmt::Write as _;

/// A PDF under construction: objects, of which the first is the catalog and the second the pages.
pub(crate) struct Pdf {
    objects: Vec<Vec<u8>>,
    pages: Vec<usize>,
    size: (u32, u32),
}

/// The fonts of every page made here.
///
/// `/L` is Latin (Helvetica), `/B` its bold; `/U` takes UCS-2, `/G` GBK, `/V` GBK written down; none of
/// them is embedded. `/N` gives glyph numbers of no known collection, so nobody can tell its characters.
const FONTS: &str = "/L << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> \
     /B << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >> \
     /U << /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [3 0 R] >> \
     /G << /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /GBK-EUC-H /DescendantFonts [3 0 R] >> \
     /V << /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /GBK-EUC-V /DescendantFonts [3 0 R] >> \
     /N << /Type /Font /Subtype /Type0 /BaseFont /Unknown /Encoding /Identity-H /DescendantFonts [4 0 R] >>";

impl Pdf {
    pub(crate) fn new() -> Self {
        let descendant = |name: &str, ordering: &str| {
            format!(
                "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) /Ordering ({ordering}) /Supplement 4 >> /DW 1000 \
                 /FontDescriptor << /Type /FontDescriptor /FontName /{name} /Flags 6 /FontBBox [0 -120 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 >> >>"
            )
            .into_bytes()
        };
        let catalog = b"<< /Type /Catalog /Pages 2 0 R >>".to_vec();
        let objects = vec![catalog, Vec::new(), descendant("STSong-Light", "GB1"), descendant("Unknown", "Identity")];
        Self { objects, pages: Vec::new(), size: (600, 800) }
    }

    /// Adds an object; gives its number.
    pub(crate) fn object(&mut self, body: impl Into<Vec<u8>>) -> usize {
        self.objects.push(body.into());
        self.objects.len()
    }

    /// Adds a stream with more entries in its dictionary; gives its number.
    pub(crate) fn stream(&mut self, entries: &str, data: &[u8]) -> usize {
        let mut body = format!("<< {entries} /Length {} >>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.object(body)
    }

    /// Adds a page with this program and these further resources.
    pub(crate) fn page(mut self, program: &str, resources: &str) -> Self {
        let content = self.stream("", program.as_bytes());
        let (width, height) = self.size;
        let page = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {content} 0 R /Resources << /Font << {FONTS} >> {resources} >> >>"
        );
        let page = self.object(page);
        self.pages.push(page);
        self
    }

    /// The file.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        let kids: Vec<String> = self.pages.iter().map(|page| format!("{page} 0 R")).collect();
        self.objects[1] = format!("<< /Type /Pages /Count {} /Kids [{}] >>", kids.len(), kids.join(" ")).into_bytes();
        let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut places = Vec::new();
        for (n, object) in self.objects.iter().enumerate() {
            places.push(out.len());
            out.extend_from_slice(format!("{} 0 obj\n", n + 1).as_bytes());
            out.extend_from_slice(object);
            out.extend_from_slice(b"\nendobj\n");
        }
        let start = out.len();
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
        for place in &places {
            writeln!(table, "{place:010} 00000 n ").unwrap();
        }
        write!(table, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", places.len() + 1).unwrap();
        out.extend_from_slice(table.as_bytes());
        out
    }
}

/// The operators that show `text` at `x`, `y` (from the bottom left) in a font of [`FONTS`].
pub(crate) fn show(font: char, size: u32, x: i32, y: i32, text: &str) -> String {
    format!("BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm <{}> Tj ET\n", hex(font, text))
}

/// The bytes of `text` in a font's encoding, as hexadecimal digits.
pub(crate) fn hex(font: char, text: &str) -> String {
    let bytes = match font {
        'U' | 'N' => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        'G' | 'V' => encoding_rs::GBK.encode(text).0.into_owned(),
        _ => text.chars().map(|c| c as u8).collect::<Vec<u8>>(),
    };
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
