//! Timestamps, durations and ranges, read by libraries.

use ipnet::IpNet;
use jiff::civil;
use jiff::tz::Offset;
use std::net::IpAddr;

pub(super) fn read_duration(text: &str) -> i64 {
    let unit = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let number: i64 = text[..text.len() - unit.len()].parse().unwrap();
    number
        * match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => 86_400_000,
        }
}

/// Reads an RFC 3339 timestamp. A library checks the calendar.
pub(super) fn read_instant(text: &str) -> Option<i64> {
    let shape: String = text.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    let rest = shape.strip_prefix("0000-00-00T00:00:00").or_else(|| shape.strip_prefix("0000-00-00t00:00:00"))?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(rest) => rest.split_at(rest.chars().take_while(|letter| *letter == '0').count()),
    };
    if rest.starts_with('.') && fraction.is_empty() {
        return None;
    }
    let digits = |from: usize, to: usize| text[from..to].parse::<i16>().unwrap();
    let small = |from: usize, to: usize| i8::try_from(digits(from, to)).unwrap();
    let date = civil::Date::new(digits(0, 4), small(5, 7), small(8, 10)).ok()?;
    let time = civil::Time::new(small(11, 13), small(14, 16), small(17, 19), 0).ok()?;
    let start = text.len() - zone.len();
    let offset = match zone {
        "Z" | "z" => 0,
        "+00:00" | "-00:00" => {
            let (hours, minutes) = (i32::from(digits(start + 1, start + 3)), i32::from(digits(start + 4, start + 6)));
            if hours > 23 || minutes > 59 {
                return None;
            }
            (if zone.starts_with('-') { -1 } else { 1 }) * (hours * 3600 + minutes * 60)
        }
        _ => return None,
    };
    let seconds = Offset::from_seconds(offset).ok()?.to_timestamp(date.to_datetime(time)).ok()?.as_second();
    let mut millis: String = text[20.min(text.len())..].chars().take(fraction.len()).take(3).collect();
    while millis.len() < 3 {
        millis.push('0');
    }
    Some(seconds * 1000 + if fraction.is_empty() { 0 } else { millis.parse::<i64>().ok()? })
}

pub(super) fn write_instant(millis: i64) -> String {
    let instant = jiff::Timestamp::from_millisecond(millis).unwrap();
    let fraction = match millis.rem_euclid(1000) {
        0 => String::new(),
        fraction => format!(".{fraction:03}"),
    };
    format!("{}{fraction}Z", instant.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// Returns whether a range contains an address. A library compares them, after IPv4 in IPv6 notation became IPv4.
pub(super) fn in_range(range: &str, ip: IpAddr) -> bool {
    let range = match range.strip_prefix("::ffff:") {
        Some(mapped) => {
            let (address, prefix) = mapped.split_once('/').unwrap_or((mapped, "128"));
            format!("{address}/{}", prefix.parse::<u8>().unwrap() - 96)
        }
        None => range.to_string(),
    };
    let ip = ip.to_canonical();
    match range.parse::<IpNet>() {
        Ok(network) => network.contains(&ip),
        Err(_) => range.parse::<IpAddr>().unwrap() == ip,
    }
}
