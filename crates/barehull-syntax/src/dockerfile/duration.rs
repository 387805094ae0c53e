//! Durations such as `1m30s`, as Go reads them.

use super::runes;

/// Nanoseconds of each unit; the two micro signs are different characters.
const UNITS: [(&str, f64); 8] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("\u{B5}s", 1e3),
    ("\u{3BC}s", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3600e9),
];

/// The longest duration: 2^63 nanoseconds, about 292 years.
const LONGEST: f64 = 9_223_372_036_854_775_808.0;

/// The shortest interval of a health check, in nanoseconds.
const SHORTEST: f64 = 1e6;

/// Refuses values of HEALTHCHECK's flag `name`; nothing and zero stand for the default.
pub(super) fn check(name: &str, value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    let nanoseconds = parse(value)?;
    if nanoseconds.trunc() == 0.0 || nanoseconds >= SHORTEST {
        return Ok(());
    }
    Err(format!("Interval {} cannot be less than 1ms", runes::quote(name)))
}

/// Nanoseconds.
fn parse(value: &str) -> Result<f64, String> {
    let quoted = runes::quote(value);
    let invalid = || format!("time: invalid duration {quoted}");
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    if unsigned == "0" {
        return Ok(0.0);
    }
    if unsigned.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0;
    let mut rest = unsigned;
    while !rest.is_empty() {
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let number_len = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
        let (mut number, mut tail) = rest.split_at(number_len);
        // A second dot starts the unit.
        if let Some((second, _)) = number.match_indices('.').nth(1) {
            (number, tail) = rest.split_at(second);
        }
        if !number.contains(|c: char| c.is_ascii_digit()) {
            return Err(invalid());
        }
        let unit_len = tail.find(is_number).unwrap_or(tail.len());
        let (unit, next) = tail.split_at(unit_len);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {quoted}"));
        }
        let Some((_, nanoseconds)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("time: unknown unit {} in duration {quoted}", runes::quote(unit)));
        };
        let amount: f64 = number.parse().map_err(|_| invalid())?;
        total += amount * nanoseconds;
        rest = next;
    }
    if total >= LONGEST {
        return Err(invalid());
    }
    Ok(if value.starts_with('-') { -total } else { total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_docker_takes() {
        for value in ["", "0", "+0", "0s", "30s", "1m30s", "1.5h", ".5s", "1.s", "1ms", "1000us", "1000µs"] {
            assert_eq!(check("interval", value), Ok(()), "{value}");
        }
    }

    #[test]
    fn values_that_docker_refuses() {
        let refused = |value| check("interval", value).unwrap_err();
        assert_eq!(refused("10"), "time: missing unit in duration \"10\"");
        assert_eq!(refused("10x"), "time: unknown unit \"x\" in duration \"10x\"");
        assert_eq!(refused("$I"), "time: invalid duration \"$I\"");
        assert_eq!(refused("-1s"), "Interval \"interval\" cannot be less than 1ms");
        assert_eq!(refused("10us"), "Interval \"interval\" cannot be less than 1ms");
        assert_eq!(refused("999999999h"), "time: invalid duration \"999999999h\"");
        assert_eq!(refused("1.2.3s"), "time: missing unit in duration \"1.2.3s\"");
    }
}
