/*
 * What belongs to one environment (the main thread, or a worker): its descriptors and the threads of its loads. It goes
 * with the environment, however that ends.
 */
#ifndef EBPF_TS_ENVIRONMENT_H
#define EBPF_TS_ENVIRONMENT_H

#include "addon.h"

#include <stdatomic.h>

struct loader;

struct environment {
	napi_env env;
	/* Guards the descriptors and the queues of the loader. Held for a few instructions at a time. */
	atomic_flag lock;
	/* One bit for the number of each descriptor. */
	uint64_t *descriptors;
	size_t words;
	/* Made by the first load. */
	struct loader *loader;
	bool ended;
};

static inline void acquire(atomic_flag *lock)
{
	while (atomic_flag_test_and_set_explicit(lock, memory_order_acquire))
		;
}

static inline void release(atomic_flag *lock)
{
	atomic_flag_clear_explicit(lock, memory_order_release);
}

/* Makes what belongs to this environment, and ends it with it. If that fails: false, with an exception pending. */
bool environment_start(napi_env env);

/* NULL if there is none, as in an environment that is ending. */
struct environment *environment_of(napi_env env);

/* The descriptor belongs to this environment from now on. Any thread may call this. */
void own_descriptor(struct environment *environment, int64_t fd);

/* It no longer belongs to this environment: somebody closes it, or has taken it over. */
void disown_descriptor(struct environment *environment, int64_t fd);

/* Waits for the calls under way, and drops those that have not begun. */
void loader_end(struct environment *environment);

#endif
