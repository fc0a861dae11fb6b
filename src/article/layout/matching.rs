//! The cheapest assignment: each column gets one row, no row is given twice (Kuhn 1955, Munkres 1957, in
//! the form with potentials that takes time of columns² × rows).

/// The row of each column for the least sum of `cost(column, row)`. There must be at least as many
/// rows as columns; costs are finite.
pub(super) fn cheapest(columns: usize, rows: usize, cost: impl Fn(usize, usize) -> f32) -> Vec<usize> {
    debug_assert!(columns <= rows);
    // Index 0 is the column and the row that stand for "none"; all others are one higher than outside.
    let (mut u, mut v) = (vec![0.0_f32; columns + 1], vec![0.0_f32; rows + 1]);
    let mut owner = vec![0_usize; rows + 1];
    let mut way = vec![0_usize; rows + 1];
    for column in 1..=columns {
        owner[0] = column;
        let mut at = 0;
        let mut least = vec![f32::INFINITY; rows + 1];
        let mut used = vec![false; rows + 1];
        loop {
            used[at] = true;
            let from = owner[at];
            let (mut delta, mut next) = (f32::INFINITY, 0);
            for row in 1..=rows {
                if used[row] {
                    continue;
                }
                let reduced = cost(from - 1, row - 1) - u[from] - v[row];
                if reduced < least[row] {
                    least[row] = reduced;
                    way[row] = at;
                }
                if least[row] < delta {
                    delta = least[row];
                    next = row;
                }
            }
            for row in 0..=rows {
                if used[row] {
                    u[owner[row]] += delta;
                    v[row] -= delta;
                } else {
                    least[row] -= delta;
                }
            }
            at = next;
            if owner[at] == 0 {
                break;
            }
        }
        while at != 0 {
            let back = way[at];
            owner[at] = owner[back];
            at = back;
        }
    }
    let mut found = vec![0; columns];
    for row in 1..=rows {
        if owner[row] > 0 {
            found[owner[row] - 1] = row - 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_least_even_where_the_first_choice_of_one_is_taken() {
        let costs = [[1.0, 2.0, 9.0], [1.0, 7.0, 9.0]];
        assert_eq!(cheapest(2, 3, |c, r| costs[c][r]), [1, 0]);
        assert_eq!(cheapest(0, 3, |_, _| 0.0), [0_usize; 0]);
    }

    #[test]
    fn no_other_assignment_is_cheaper() {
        let cost = |c: usize, r: usize| ((c * 7 + r * 13 + c * r * 5) % 17) as f32;
        let found = cheapest(3, 4, cost);
        let sum: f32 = found.iter().enumerate().map(|(c, r)| cost(c, *r)).sum();
        let mut best = f32::INFINITY;
        for a in 0..4 {
            for b in (0..4).filter(|b| *b != a) {
                for c in (0..4).filter(|c| *c != a && *c != b) {
                    best = best.min(cost(0, a) + cost(1, b) + cost(2, c));
                }
            }
        }
        assert!((sum - best).abs() < 1e-4);
    }
}
