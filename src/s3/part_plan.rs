//! How an object is cut into parts.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::s3::limits::{MAX_OBJECT_SIZE, MAX_PART_SIZE, MAX_PARTS, MIN_PART_SIZE};

/// Part sizes are whole MiB.
const MIB: u64 = 1024 * 1024;
/// Enough parts to keep a few connections busy to the end.
const PARTS_AT_LEAST: u64 = 8;

/// The parts of an object: equal in size but for the last, which may be
/// shorter (some servers, R2 among them, take no others), numbered from 1.
///
/// ```
/// use sealift::s3::PartPlan;
/// const MIB: u64 = 1024 * 1024;
/// let plan = PartPlan::for_size(100 * MIB, 16 * MIB)?;
/// assert_eq!((plan.part_size(), plan.parts()), (13 * MIB, 8));
/// assert_eq!(plan.part(8), 91 * MIB..100 * MIB);
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartPlan {
    size: u64,
    part_size: u64,
    parts: u16,
}

impl PartPlan {
    /// The parts of an object of `size` bytes: about an eighth of it each, but
    /// 5 MiB at least and `largest` bytes at most, unless that makes more than
    /// 10,000. A `largest` outside of 5 MiB to 5 GiB is the nearer of the two.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSize`] for no bytes, or more than
    /// [`MAX_OBJECT_SIZE`].
    pub fn for_size(size: u64, largest: u64) -> Result<Self> {
        let largest = largest.clamp(MIN_PART_SIZE, MAX_PART_SIZE);
        let wanted = whole_mib(size.div_ceil(PARTS_AT_LEAST)).clamp(MIN_PART_SIZE, largest);
        let needed = whole_mib(size.div_ceil(u64::from(MAX_PARTS)));
        Self::of_parts(size, wanted.max(needed))
    }

    /// The parts of an object of `size` bytes, `part_size` bytes each. An
    /// object of one part may be smaller than that.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSize`] for no bytes, parts outside of 5 MiB to 5 GiB,
    /// or more than 10,000 of them.
    pub fn of_parts(size: u64, part_size: u64) -> Result<Self> {
        let invalid = |rule| Err(Error::new(ErrorKind::InvalidSize, rule));
        if size == 0 {
            return invalid("an object of no bytes has no parts");
        }
        if size > MAX_OBJECT_SIZE {
            return invalid("an object has at most 48.8 TiB (10,000 parts of 5 GiB)");
        }
        if !(MIN_PART_SIZE..=MAX_PART_SIZE).contains(&part_size) {
            return invalid("a part has 5 MiB to 5 GiB");
        }
        match u16::try_from(size.div_ceil(part_size)) {
            Ok(parts) if parts <= MAX_PARTS => Ok(Self { size, part_size, parts }),
            _ => invalid("an object has at most 10,000 parts"),
        }
    }

    /// Bytes of the object.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of every part but the last, which may be shorter.
    #[must_use]
    pub const fn part_size(&self) -> u64 {
        self.part_size
    }

    /// How many parts there are, 1 to 10,000; that is also the number of the last.
    #[must_use]
    pub const fn parts(&self) -> u16 {
        self.parts
    }

    /// The bytes of a part; none for a number outside of 1 to
    /// [`parts`](Self::parts).
    #[must_use]
    pub fn part(&self, number: u16) -> Range<u64> {
        let place = |parts: u16| u64::from(parts).saturating_mul(self.part_size).min(self.size);
        place(number.saturating_sub(1))..place(number)
    }
}

const fn whole_mib(bytes: u64) -> u64 {
    bytes.div_ceil(MIB).saturating_mul(MIB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_eighth_within_the_bounds() {
        for (size, largest, part_size, parts) in [
            (1, 16, 5 * MIB, 1),
            (5 * MIB, 16, 5 * MIB, 1),
            (5 * MIB + 1, 16, 5 * MIB, 2),
            (64 * MIB, 16, 8 * MIB, 8),
            (64 * MIB + 1, 16, 9 * MIB, 8),
            (1024 * MIB, 16, 16 * MIB, 64),
            (1024 * MIB, 1, 5 * MIB, 205),
            (160_000 * MIB, 16, 16 * MIB, 10_000),
            (160_000 * MIB + 1, 16, 17 * MIB, 9_412),
            (MAX_OBJECT_SIZE, 16, MAX_PART_SIZE, 10_000),
        ] {
            let plan = PartPlan::for_size(size, largest * MIB).expect("within the limits");
            assert_eq!((plan.part_size(), plan.parts()), (part_size, parts), "{size}");
        }
    }

    #[test]
    fn outside_of_the_limits() {
        let refused =
            |plan: Result<PartPlan>| plan.map_err(|error| error.kind()) == Err(ErrorKind::InvalidSize);
        for size in [0, MAX_OBJECT_SIZE + 1, u64::MAX] {
            assert!(refused(PartPlan::for_size(size, 16 * MIB)), "{size}");
        }
        for (size, part_size) in [
            (1, MIN_PART_SIZE - 1),
            (1, 0),
            (1, MAX_PART_SIZE + 1),
            (10_000 * MIN_PART_SIZE + 1, MIN_PART_SIZE),
            (MAX_OBJECT_SIZE, MIN_PART_SIZE),
        ] {
            assert!(refused(PartPlan::of_parts(size, part_size)), "{size} in parts of {part_size}");
        }
    }

    /// As many sizes of every magnitude.
    fn sizes() -> impl Strategy<Value = u64> {
        (0_u32..46)
            .prop_flat_map(|bits| (1_u64 << bits)..=(2_u64 << bits))
            .prop_map(|size| size.min(MAX_OBJECT_SIZE))
    }

    proptest! {
        #[test]
        fn the_parts_are_the_object(size in sizes(), largest: u64) {
            let plan = PartPlan::for_size(size, largest).expect("within the limits");
            prop_assert!((1..=MAX_PARTS).contains(&plan.parts()));
            prop_assert!((MIN_PART_SIZE..=MAX_PART_SIZE).contains(&plan.part_size()));
            prop_assert_eq!(PartPlan::of_parts(size, plan.part_size()), Ok(plan));
            let mut end = 0;
            for number in 1..=plan.parts() {
                let part = plan.part(number);
                prop_assert_eq!(part.start, end);
                prop_assert!(part.end > part.start);
                if number < plan.parts() {
                    prop_assert_eq!(part.end - part.start, plan.part_size());
                }
                end = part.end;
            }
            prop_assert_eq!(end, size);
            prop_assert!(plan.part(0).is_empty());
            for beyond in plan.parts().saturating_add(1)..=u16::MAX {
                prop_assert!(plan.part(beyond).is_empty());
            }
            // Larger than asked for only when they would be too many otherwise.
            let smaller = largest.clamp(MIN_PART_SIZE, MAX_PART_SIZE);
            prop_assert!(plan.part_size() <= smaller || size.div_ceil(smaller) > u64::from(MAX_PARTS));
        }
    }
}
