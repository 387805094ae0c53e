#include <stdio.h>
#include <string.h>
#include <zlib.h>

int main(int count, char **words) {
    for (int at = 1; at < count; at++)
        printf("%08lx %s\n", crc32(0, (const Bytef *)words[at], strlen(words[at])), words[at]);
    return 0;
}
