#ifndef WORDS_H
#define WORDS_H

/* Lines, words and bytes of a file, as `wc` counts them; 0 if it could be read. */
struct words {
	long lines, words, bytes;
};

int words_count(const char *path, struct words *out);

#endif
