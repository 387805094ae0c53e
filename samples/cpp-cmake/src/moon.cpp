#include "moon.hpp"

int high_water(int offset, long minutes) {
    const long cycle = 745;
    return static_cast<int>(((minutes / cycle + 1) * cycle + offset) % 1440);
}
