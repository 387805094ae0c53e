#include "fletcher.h"

/* Fletcher's checksum over bytes, two sums modulo 65535. */
uint32_t fletcher32(const uint8_t *data, size_t length)
{
	uint32_t low = 0, high = 0;

	for (size_t i = 0; i < length; i++) {
		low = (low + data[i]) % 65535;
		high = (high + low) % 65535;
	}
	return high << 16 | low;
}
