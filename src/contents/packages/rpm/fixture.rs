//! Headers and databases for tests.

/// A header of a package with these files and provisions, each of its strings ended by a zero.
pub(super) fn header(name: &str, requires: &[&str], provides: &[&str], files: &[(&str, &str)]) -> Vec<u8> {
    let mut header = Writer::default();
    let strings = |list: &[&str]| list.iter().flat_map(|text| [text.as_bytes(), b"\0"].concat()).collect::<Vec<u8>>();
    header.add(1000, 6, 1, &strings(&[name]));
    header.add(1001, 6, 1, b"1.2\0");
    header.add(1002, 6, 1, b"3.el9\0");
    header.add(1014, 6, 1, b"MIT\0");
    header.add(1022, 6, 1, b"x86_64\0");
    header.add(1044, 6, 1, b"the-source-1.2-3.el9.src.rpm\0");
    let count = |list: &[&str]| u32::try_from(list.len()).expect("few");
    header.add(1047, 8, count(provides), &strings(provides));
    header.add(1049, 8, count(requires), &strings(requires));
    let directories: Vec<&str> = files.iter().map(|(directory, _)| *directory).collect();
    let names: Vec<&str> = files.iter().map(|(_, name)| *name).collect();
    let indexes: Vec<u8> = (0..count(&names)).flat_map(u32::to_be_bytes).collect();
    header.add(1116, 4, count(&names), &indexes);
    header.add(1117, 8, count(&names), &strings(&names));
    header.add(1118, 8, count(&directories), &strings(&directories));
    header.finish()
}

/// An index of tags and the data that they point into.
#[derive(Default)]
pub(super) struct Writer {
    index: Vec<u8>,
    data: Vec<u8>,
}

impl Writer {
    /// Adds a tag, aligned as its type has to be.
    pub(super) fn add(&mut self, tag: u32, kind: u32, count: u32, data: &[u8]) {
        if kind == 4 {
            self.data.resize(self.data.len().next_multiple_of(4), 0);
        }
        let offset = u32::try_from(self.data.len()).expect("small");
        self.index.extend([tag, kind, offset, count].iter().flat_map(|number| number.to_be_bytes()));
        self.data.extend_from_slice(data);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let number = |length: usize| u32::try_from(length).expect("small").to_be_bytes();
        [&number(self.index.len() / 16)[..], &number(self.data.len()), &self.index, &self.data].concat()
    }
}

/// A database of ndb with one page of slots.
pub(super) fn ndb(headers: &[Vec<u8>]) -> Vec<u8> {
    let le = |number: usize| u32::try_from(number).expect("small").to_le_bytes();
    let mut slots = [&b"RpmP"[..], &le(0), &le(1), &le(1), &le(headers.len() + 1), &[0; 12]].concat();
    let mut blobs = Vec::new();
    for (number, header) in (1..).zip(headers) {
        let count = (16 + header.len() + 12).div_ceil(16);
        slots.extend([&b"Slot"[..], &le(number), &le(256 + blobs.len() / 16), &le(count)].concat());
        let mut run = [&b"BlbS"[..], &le(number), &le(1), &le(header.len()), header].concat();
        run.resize(count * 16 - 12, 0);
        run.extend(super::ndb::adler32(&run).to_le_bytes());
        run.extend([&le(header.len())[..], b"BlbE"].concat());
        blobs.extend(run);
    }
    while slots.len() < 4096 {
        slots.extend([&b"Slot"[..], &[0; 12]].concat());
    }
    [slots, blobs].concat()
}

/// A database of SQLite of two pages: the schema, and a leaf with all rows, which have to fit.
pub(super) fn sqlite(headers: &[Vec<u8>]) -> Vec<u8> {
    let schema = record(&[(23, b"table"), (29, b"Packages"), (29, b"Packages"), (1, &[2]), (13, b"")]);
    let rows: Vec<Vec<u8>> =
        headers.iter().map(|header| record(&[(0, b""), (header.len() as u64 * 2 + 12, header)])).collect();
    let mut file = [leaf(100, &[schema]), leaf(0, &rows)].concat();
    file[..24].copy_from_slice(b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20");
    // Changed once, and by a version that counts pages; schemas of version 4, and texts of UTF-8.
    for (at, value) in [(27, 1), (31, 2), (47, 4), (59, 1), (95, 1)] {
        file[at] = value;
    }
    file
}

/// A leaf with its head at `first`, and its rows from the end.
fn leaf(first: usize, rows: &[Vec<u8>]) -> Vec<u8> {
    const PAGE: usize = 4096;
    let short = |number: usize| u16::try_from(number).expect("small").to_be_bytes();
    let mut page = vec![0; PAGE];
    let (mut head, mut end) = (first + 8, PAGE);
    for (row, payload) in (1..).zip(rows) {
        let cell = [varint(payload.len() as u64), varint(row), payload.clone()].concat();
        end -= cell.len();
        page[end..end + cell.len()].copy_from_slice(&cell);
        page[head..head + 2].copy_from_slice(&short(end));
        head += 2;
    }
    assert!(head <= end, "all rows fit one page");
    page[first] = 13;
    page[first + 3..first + 5].copy_from_slice(&short(rows.len()));
    page[first + 5..first + 7].copy_from_slice(&short(end));
    page
}

fn record(columns: &[(u64, &[u8])]) -> Vec<u8> {
    let kinds: Vec<u8> = columns.iter().flat_map(|(kind, _)| varint(*kind)).collect();
    let values: Vec<u8> = columns.iter().flat_map(|(_, value)| value.to_vec()).collect();
    [varint(kinds.len() as u64 + 1), kinds, values].concat()
}

fn varint(number: u64) -> Vec<u8> {
    let last = u8::try_from(number & 127).expect("seven bits");
    let mut bytes = vec![last];
    let mut rest = number >> 7;
    while rest > 0 {
        bytes.insert(0, u8::try_from(rest & 127).expect("seven bits") | 128);
        rest >>= 7;
    }
    bytes
}
