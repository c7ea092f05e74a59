//! Shares work among the processors.

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

/// How many threads work at once.
pub fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` on every item, each thread taking the next item when it is free; results come in the
/// order of the items. A panic in `work` goes on in the caller.
pub fn parallel_map<I: Send, T: Send>(items: Vec<I>, work: impl Fn(I) -> T + Sync) -> Vec<T> {
    let workers = threads().min(items.len());
    if workers < 2 {
        return items.into_iter().map(work).collect();
    }
    let mut results: Vec<Option<T>> = items.iter().map(|_| None).collect();
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let run = || {
        let mut done = Vec::new();
        while let Some((place, item)) = next() {
            done.push((place, work(item)));
        }
        done
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(theirs) => done.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        for (place, result) in done {
            results[place] = Some(result);
        }
    });
    results.into_iter().flatten().collect()
}

/// Sorts a list: each thread a part, which are then put together.
pub fn parallel_sort<T: Ord + Send>(list: &mut [T]) {
    if list.is_sorted() {
        return;
    }
    let share = list.len().div_ceil(threads()).max(1);
    parallel_map(list.chunks_mut(share).collect(), <[T]>::sort_unstable);
    // Runs that are in order are only put together.
    list.sort();
}

/// Cuts `0..length` into pieces of at most `size`.
pub fn pieces(length: usize, size: usize) -> Vec<std::ops::Range<usize>> {
    let size = size.max(1);
    (0..length.div_ceil(size))
        .map(|piece| piece * size..length.min((piece + 1) * size))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let squares = parallel_map((0..1000_u64).collect(), |number| number * number);
        assert!(
            squares
                .iter()
                .zip(0_u64..)
                .all(|(square, number)| *square == number * number)
        );
        assert_eq!(squares.len(), 1000);
    }

    #[test]
    fn a_list_is_sorted_whatever_its_order() {
        let mut list: Vec<u64> = (0..1000).map(|number| number * 7919 % 1009).collect();
        let mut expected = list.clone();
        expected.sort_unstable();
        for _ in 0..2 {
            parallel_sort(&mut list);
            assert_eq!(list, expected);
        }
        parallel_sort::<u64>(&mut []);
    }

    #[test]
    fn pieces_cover_everything_once() {
        assert_eq!(pieces(10, 4), [0..4, 4..8, 8..10]);
        assert_eq!(pieces(0, 4), []);
    }
}
