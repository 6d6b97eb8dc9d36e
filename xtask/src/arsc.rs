//! A framework's resource table in the older spelling, which the `aapt2` of a distribution can read.
//!
//! Since Android 14 a table may hold 16-bit entry offsets (`ResTable_type::FLAG_OFFSET16`) and compact entries
//! (`ResTable_entry::FLAG_COMPACT`). Both only write the same table more densely, so each is written out in full.
//! Structures: `frameworks/base/libs/androidfw/include/androidfw/ResourceTypes.h`, little-endian throughout.

/// `RES_TABLE_PACKAGE_TYPE` and `RES_TABLE_TYPE_TYPE`.
const PACKAGE: u16 = 0x0200;
const TYPE: u16 = 0x0201;

/// Flags of a `ResTable_type`.
const SPARSE: u8 = 0x01;
const OFFSET16: u8 = 0x02;

/// Flags of a `ResTable_entry`.
const COMPLEX: u16 = 0x0001;
const COMPACT: u16 = 0x0008;

/// `ResTable_type::NO_ENTRY`, and the same with 16 bits.
const NO_ENTRY: u32 = 0xFFFF_FFFF;
const NO_ENTRY16: u16 = 0xFFFF;

/// The same table with plain offsets and plain entries; nothing if it is none that we know.
pub(crate) fn plain(table: &[u8]) -> Option<Vec<u8>> {
    rewrite(table, &|chunk| {
        if u16_at(chunk, 0)? == PACKAGE {
            rewrite(chunk, &|part| {
                if u16_at(part, 0)? == TYPE { plain_type(part) } else { Some(part.to_vec()) }
            })
        } else {
            Some(chunk.to_vec())
        }
    })
}

/// Rewrites the chunks inside a chunk, and its length.
fn rewrite(chunk: &[u8], each: &dyn Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let header = usize::from(u16_at(chunk, 2)?);
    let chunk = chunk.get(..index(u32_at(chunk, 4)?)?)?;
    let mut out = chunk.get(..header)?.to_vec();
    let mut rest = chunk.get(header..)?;
    while !rest.is_empty() {
        let size = index(u32_at(rest, 4)?)?;
        if size == 0 {
            return None;
        }
        out.extend(each(rest.get(..size)?)?);
        rest = rest.get(size..)?;
    }
    put(&mut out, 4)?;
    Some(out)
}

/// A `ResTable_type` with one 32-bit offset for each entry.
fn plain_type(chunk: &[u8]) -> Option<Vec<u8>> {
    let header = usize::from(u16_at(chunk, 2)?);
    let flags = *chunk.get(9)?;
    let count = index(u32_at(chunk, 12)?)?;
    let body = chunk.get(index(u32_at(chunk, 16)?)?..)?;
    let offsets = chunk.get(header..)?;

    let mut entries = Vec::new();
    let mut places = Vec::new();
    for n in 0..count {
        let (entry, offset) = if flags & SPARSE != 0 {
            // ResTable_sparseTypeEntry: the entry's index, and its offset in units of four bytes.
            (usize::from(u16_at(offsets, 4 * n)?), Some(4 * usize::from(u16_at(offsets, 4 * n + 2)?)))
        } else if flags & OFFSET16 != 0 {
            let offset = u16_at(offsets, 2 * n)?;
            (n, (offset != NO_ENTRY16).then(|| 4 * usize::from(offset)))
        } else {
            let offset = u32_at(offsets, 4 * n)?;
            (n, if offset == NO_ENTRY { None } else { Some(index(offset)?) })
        };
        places.resize(places.len().max(entry + 1), NO_ENTRY);
        if let Some(offset) = offset {
            places[entry] = u32::try_from(entries.len()).ok()?;
            entries.extend(plain_entry(body.get(offset..)?)?);
        }
    }

    let mut out = chunk.get(..header)?.to_vec();
    *out.get_mut(9)? = 0;
    out.get_mut(12..16)?.copy_from_slice(&u32::try_from(places.len()).ok()?.to_le_bytes());
    out.extend(places.iter().flat_map(|place| place.to_le_bytes()));
    put(&mut out, 16)?;
    out.extend(entries);
    put(&mut out, 4)?;
    Some(out)
}

/// A `ResTable_entry` with what follows it, from its first byte on.
fn plain_entry(at: &[u8]) -> Option<Vec<u8>> {
    let (first, flags) = (u16_at(at, 0)?, u16_at(at, 2)?);
    if flags & COMPACT != 0 {
        // key (16 bits), flags with the value's type in the upper half, data: written as an entry of 8 bytes with a
        // Res_value of 8 bytes.
        let [low, kind] = flags.to_le_bytes();
        let mut out = 8_u16.to_le_bytes().to_vec();
        out.extend((u16::from(low) & !COMPACT).to_le_bytes());
        out.extend(u32::from(first).to_le_bytes());
        out.extend([8, 0, 0, kind]);
        out.extend(at.get(4..8)?);
        return Some(out);
    }
    let size = usize::from(first);
    let length = if flags & COMPLEX != 0 {
        // ResTable_map_entry: parent, count, and maps of 12 bytes each.
        size + 12 * index(u32_at(at, 12)?)?
    } else {
        size + usize::from(u16_at(at, size)?)
    };
    Some(at.get(..length)?.to_vec())
}

/// Writes the length so far at this place.
fn put(out: &mut [u8], at: usize) -> Option<()> {
    let length = u32::try_from(out.len()).ok()?;
    out.get_mut(at..at + 4)?.copy_from_slice(&length.to_le_bytes());
    Some(())
}

fn index(number: u32) -> Option<usize> {
    usize::try_from(number).ok()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::plain;

    /// A chunk: kind, what its header holds, and what follows.
    fn chunk(kind: u16, header: &[u8], body: &[u8]) -> Vec<u8> {
        let length = 8 + header.len();
        let mut out = kind.to_le_bytes().to_vec();
        out.extend(u16::try_from(length).expect("short").to_le_bytes());
        out.extend(u32::try_from(length + body.len()).expect("short").to_le_bytes());
        [out.as_slice(), header, body].concat()
    }

    /// A table with one package, in which there is a chunk of strings and one type.
    fn table(flags: u8, count: u8, offsets: &[u8], entries: &[u8]) -> Vec<u8> {
        let start = u8::try_from(20 + offsets.len()).expect("short");
        let header = [7, flags, 0, 0, count, 0, 0, 0, start, 0, 0, 0];
        let strings = chunk(0x0001, &[], b"text");
        let kind = chunk(0x0201, &header, &[offsets, entries].concat());
        chunk(0x0002, &[1, 0, 0, 0], &chunk(0x0200, &[], &[strings, kind].concat()))
    }

    /// Key 0x0102, a number (`Res_value` of type 0x10) of 0x2A.
    const FULL: [u8; 16] = [8, 0, 0, 0, 2, 1, 0, 0, 8, 0, 0, 0x10, 0x2A, 0, 0, 0];
    /// Two maps.
    const MAPS: [u8; 40] = {
        let mut maps = [9; 40];
        maps[0] = 16;
        maps[1] = 0;
        maps[2] = 1;
        maps[3] = 0;
        maps[12] = 2;
        maps[13] = 0;
        maps[14] = 0;
        maps[15] = 0;
        maps
    };

    #[test]
    fn a_plain_table_stays_as_it_is() {
        let offsets = [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 16, 0, 0, 0];
        let table = table(0, 3, &offsets, &[FULL.as_slice(), &MAPS].concat());
        assert_eq!(plain(&table), Some(table));
    }

    #[test]
    fn short_offsets_and_compact_entries_are_written_out() {
        let compact = [2, 1, 8, 0x10, 0x2A, 0, 0, 0];
        let dense = table(2, 3, &[0, 0, 0xFF, 0xFF, 2, 0], &[compact.as_slice(), &MAPS].concat());
        let offsets = [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 16, 0, 0, 0];
        let expected = table(0, 3, &offsets, &[FULL.as_slice(), &MAPS].concat());
        assert_eq!(plain(&dense), Some(expected));
    }

    #[test]
    fn a_sparse_type_gets_its_gaps() {
        let sparse = table(1, 2, &[0, 0, 0, 0, 2, 0, 4, 0], &[FULL.as_slice(), &MAPS].concat());
        let offsets = [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 16, 0, 0, 0];
        let expected = table(0, 3, &offsets, &[FULL.as_slice(), &MAPS].concat());
        assert_eq!(plain(&sparse), Some(expected));
    }

    #[test]
    fn what_is_cut_off_is_no_table() {
        let table = table(2, 2, &[0, 0, 4, 0], &[FULL.as_slice(), &FULL].concat());
        for length in 0..table.len() {
            assert_eq!(plain(&table[..length]), None, "{length}");
        }
    }
}
