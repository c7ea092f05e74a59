//! Rows put in order outside memory: as many as fit are sorted and written to a file, and in the end
//! all such files are read together.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use zerocopy::IntoBytes as _;

/// A row; rows are in order of their numbers from the first on.
pub(super) type Row = [u32; 4];

/// Bytes read together from each file.
const BUFFER: usize = 1 << 16;

/// Rows that come in any order. The files lie in a folder that goes away with this.
pub(super) struct Runs {
    dir: PathBuf,
    files: usize,
    rows: Vec<Row>,
    in_memory: usize,
}

impl Runs {
    /// What sorting takes in memory at most.
    pub(super) const MEMORY: u64 = 128 << 20;

    /// Begins with files in the folder `dir`, which is made when it is needed.
    pub(super) fn begin(dir: &Path) -> Self {
        Self::with_room_for(dir, Self::MEMORY as usize / size_of::<Row>())
    }

    fn with_room_for(dir: &Path, rows: usize) -> Self {
        Self {
            dir: dir.to_owned(),
            files: 0,
            rows: Vec::new(),
            in_memory: rows,
        }
    }

    pub(super) fn push(&mut self, row: Row) -> io::Result<()> {
        self.rows.push(row);
        if self.rows.len() < self.in_memory {
            return Ok(());
        }
        if self.files == 0 {
            fs::create_dir(&self.dir)?;
        }
        self.rows.sort_unstable();
        let mut file = BufWriter::new(File::create_new(self.path(self.files))?);
        file.write_all(self.rows.as_bytes())?;
        file.flush()?;
        self.files += 1;
        self.rows.clear();
        Ok(())
    }

    /// Gives all rows in order.
    pub(super) fn merge(mut self, mut each: impl FnMut(Row) -> io::Result<()>) -> io::Result<()> {
        self.rows.sort_unstable();
        let rows = std::mem::take(&mut self.rows);
        let open = |number| File::open(self.path(number));
        let files = (0..self.files).map(open).collect::<io::Result<Vec<_>>>()?;
        let mut files: Vec<_> = files
            .into_iter()
            .map(|file| BufReader::with_capacity(BUFFER, file))
            .collect();
        let mut rows = rows.into_iter();
        let last = files.len();
        let mut next = |place: usize| match files.get_mut(place) {
            Some(file) => read(file),
            None => Ok(rows.next()),
        };
        let mut heap = BinaryHeap::new();
        for place in 0..=last {
            heap.extend(next(place)?.map(|row| Reverse((row, place))));
        }
        while let Some(Reverse((row, place))) = heap.pop() {
            each(row)?;
            heap.extend(next(place)?.map(|row| Reverse((row, place))));
        }
        Ok(())
    }

    fn path(&self, number: usize) -> PathBuf {
        self.dir.join(number.to_string())
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        if self.files > 0 {
            // What does not go away goes with the mirror that is written around it.
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

fn read(file: &mut BufReader<File>) -> io::Result<Option<Row>> {
    if file.buffer().is_empty() && io::BufRead::fill_buf(file)?.is_empty() {
        return Ok(None);
    }
    let mut row = Row::default();
    file.read_exact(row.as_mut_bytes())?;
    Ok(Some(row))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(domain::testing::property_cases(64))]

        #[test]
        fn rows_come_out_in_order_and_no_file_stays(
            rows in prop::collection::vec(prop::array::uniform4(0_u32..9), 0..60),
            room in 1_usize..20,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let mut runs = Runs::with_room_for(&dir.path().join("runs"), room);
            rows.iter().for_each(|row| runs.push(*row).unwrap());
            prop_assert_eq!(dir.path().join("runs").is_dir(), rows.len() >= room);
            let mut merged = Vec::new();
            runs.merge(|row| { merged.push(row); Ok(()) }).unwrap();
            let mut expected = rows;
            expected.sort_unstable();
            prop_assert_eq!(merged, expected);
            prop_assert!(!dir.path().join("runs").exists());
        }
    }

    #[test]
    fn a_file_that_was_cut_short_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let mut runs = Runs::with_room_for(&dir.path().join("runs"), 2);
        for row in [[1; 4], [2; 4]] {
            runs.push(row).unwrap();
        }
        let path = dir.path().join("runs/0");
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        assert!(runs.merge(|_| Ok(())).is_err());
    }
}
