/* What functions that are bound to shared memory know (shared-memory.c), for those that look at records. */
#ifndef EBPF_TS_SHARED_MEMORY_H
#define EBPF_TS_SHARED_MEMORY_H

#include "addon.h"

/* The places of the numbers in the state. */
enum { POSITION, READY, THEIRS, COUNT, STATE_LENGTH };

struct shared {
	napi_ref memory;
	napi_ref state_ref;
	double *state;
	/* The places of the position, and of the data of a ring, in the memory. */
	size_t offset;
	size_t data;
	size_t size;
	/* For scans: two numbers for each record, its place and its length. */
	napi_ref places_ref;
	uint32_t *places;
	size_t capacity;
	/* Where a ring that overwrites unread records is copied to. */
	napi_ref copies;
};

/* From the writer's position to that of overwritten records (struct bpf_ringbuf of kernel/bpf/ringbuf.c). */
enum { TO_OVERWRITTEN = 16 };

/* The memory of an ArrayBuffer, or NULL once it is detached. */
uint8_t *memory_now(napi_env env, napi_ref reference);

/* What the called function is bound to, and where its memory is now. NULL once that is detached. */
const struct shared *bound_to(napi_env env, napi_callback_info info, uint8_t **memory);

static inline uint64_t load_position(const uint8_t *memory, size_t offset)
{
	return __atomic_load_n((const uint64_t *)(const void *)(memory + offset), __ATOMIC_ACQUIRE);
}

/* What the bound functions do; see record-scan.c. */
napi_value call_scan(napi_env env, napi_callback_info info);
napi_value call_copy(napi_env env, napi_callback_info info);
napi_value call_scan_perf(napi_env env, napi_callback_info info);

#endif
