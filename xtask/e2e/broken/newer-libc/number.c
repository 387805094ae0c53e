#include <stdio.h>
#include <stdlib.h>

// C23's strtol has a symbol of its own, GLIBC_2.38.
int main(int count, char **words) {
    printf("%ld\n", count > 1 ? strtol(words[1], NULL, 0) : 0);
    return 0;
}
