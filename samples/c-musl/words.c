#include <ctype.h>
#include <stdio.h>

#include "words.h"

int words_count(const char *path, struct words *out)
{
	FILE *file = fopen(path, "r");
	int c, inside = 0;

	if (!file)
		return -1;
	*out = (struct words){0};
	while ((c = fgetc(file)) != EOF) {
		out->bytes++;
		out->lines += c == '\n';
		out->words += !inside && !isspace(c);
		inside = !isspace(c);
	}
	fclose(file);
	return 0;
}
