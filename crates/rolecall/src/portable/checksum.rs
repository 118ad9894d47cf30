//! The checksum of portable sessions.

/// The part of each value of four bits in a checksum.
const HALVES: [u32; 16] = {
    let mut halves = [0; 16];
    let (mut rest, mut half) = (halves.as_mut_slice(), 0);
    while let Some((first, behind)) = rest.split_first_mut() {
        let (mut sum, mut bit) = (half, 0);
        while bit < 4 {
            sum = (sum >> 1) ^ (0xedb8_8320 * (sum & 1));
            bit += 1;
        }
        *first = sum;
        (rest, half) = (behind, half + 1);
    }
    halves
};

/// Returns the CRC-32 of Ethernet and gzip, which detects damage, not forgery. It reads half a byte at a time, because
/// a table for whole bytes would be as large as the code that needs it.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let half = |sum: u32| (sum >> 4) ^ HALVES.get(sum as usize & 15).copied().unwrap_or_default();
    !bytes.iter().fold(!0, |sum, byte| half(half(sum ^ u32::from(*byte))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc_32() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }
}
