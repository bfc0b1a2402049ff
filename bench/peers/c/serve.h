/*
 * The language of every contender of the benchmark. A contender prints "ready" when its set-up is done. It answers each
 * line with a number of operations by one line: the nanoseconds that they took. It exits at the end of input. If it
 * fails, it prints one line "error: ..." and exits with status 1.
 */
#ifndef SERVE_H
#define SERVE_H

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(const char *format, ...)
{
	va_list words;

	va_start(words, format);
	fputs("error: ", stdout);
	vprintf(format, words);
	putchar('\n');
	fflush(stdout);
	va_end(words);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* One case. `setup` (once) and `prepare` (before each round) are not timed; both may be NULL. */
struct bench_case {
	const char *name;
	void (*setup)(void);
	void (*prepare)(uint64_t count);
	void (*run)(uint64_t count);
	/* instead of run: returns the nanoseconds of a part of its work */
	uint64_t (*measure)(uint64_t count);
};

static void serve(const struct bench_case *cases, size_t length, const char *name)
{
	char line[64];

	for (size_t i = 0; i < length; i++) {
		if (strcmp(cases[i].name, name) != 0)
			continue;
		if (cases[i].setup)
			cases[i].setup();
		puts("ready");
		fflush(stdout);
		while (fgets(line, sizeof(line), stdin)) {
			uint64_t count = strtoull(line, NULL, 10), time;

			if (cases[i].prepare)
				cases[i].prepare(count);
			time = now();
			if (cases[i].run) {
				cases[i].run(count);
				time = now() - time;
			} else {
				time = cases[i].measure(count);
			}
			printf("%" PRIu64 "\n", time);
			fflush(stdout);
		}
		exit(0);
	}
	fail("no case \"%s\"", name);
}

/* The shape of the measured maps, the same for every contender. */
enum {
	SMALL_ENTRIES = 1024, /* a power of two: the key of operation i is i & (SMALL_ENTRIES - 1) */
	DELETE_ENTRIES = 65536,
	BATCH_ENTRIES = 100000,
};

#endif
