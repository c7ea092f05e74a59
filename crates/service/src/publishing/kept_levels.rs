//! Region levels as a proposal keeps them.

use domain::{Level, RegionLevel, Timestamp};
use serde::{Deserialize, Serialize};

/// A level as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptLevel {
    region: String,
    level: String,
    from: i64,
    until: Option<i64>,
}

/// Writes levels down.
pub(crate) fn text_of(levels: &[RegionLevel]) -> String {
    let kept = levels.iter().map(|level| KeptLevel {
        region: level.region.to_string(),
        level: level.level.as_str().to_owned(),
        from: level.from.as_second(),
        until: level.until.map(Timestamp::as_second),
    });
    serde_json::to_string(&kept.collect::<Vec<_>>()).unwrap_or_default()
}

/// Reads what [`text_of`] wrote; `None` if it cannot be read.
pub(crate) fn levels_of(text: &str) -> Option<Vec<RegionLevel>> {
    let kept: Vec<KeptLevel> = serde_json::from_str(text).ok()?;
    let level = |kept: KeptLevel| {
        let until = kept.until.map(Timestamp::from_second).transpose().ok()?;
        let mut levels = Level::ALL.into_iter();
        Some(RegionLevel {
            region: kept.region.parse().ok()?,
            level: levels.find(|level| level.as_str() == kept.level)?,
            from: Timestamp::from_second(kept.from).ok()?,
            until,
        })
    };
    kept.into_iter().map(level).collect()
}
