#pragma once

/// Minute of the day of the next high water.
int high_water(int offset, long minutes);
