//! Searching in what is sorted, from the near end.

/// How many of the first hold, where those that hold all come first: `partition_point` in steps that double, for an
/// answer that is likely to be near the beginning.
pub(super) fn reach<T>(sorted: &[T], holds: impl Fn(&T) -> bool) -> usize {
    let (mut from, mut step) = (0, 1);
    while sorted.get(from + step - 1).is_some_and(&holds) {
        from += step;
        step *= 2;
    }
    let to = sorted.len().min(from + step - 1);
    from + sorted[from..to].partition_point(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_where_a_search_finds_it(length in 0_usize..70, at in 0_usize..70) {
            let sorted: Vec<usize> = (0..length).collect();
            prop_assert_eq!(reach(&sorted, |each| *each < at), at.min(length));
        }
    }
}
