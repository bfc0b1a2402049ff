/*
 * Memory that this process shares with the kernel, read and written in the order that both sides rely on. JavaScript's
 * Atomics cannot do this: JavaScriptCore compiles Atomics.load to an instruction that also writes, which ends the
 * process if the mapping is read-only. And here one call looks at many records.
 *
 * Functions are bound to a mapping and to numbers that JavaScript shares with them (`state`), so that a call has
 * no arguments. Each call asks for the mapping's address anew, with nothing between that and the access. A buffer is
 * detached before it is unmapped, and then has no address. The state is the caller's own and never leaves its module; a
 * reference keeps it.
 */
#include "addon.h"

#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

/* The places of the numbers in the state. */
enum { POSITION, READY, THEIRS, COUNT, STATE_LENGTH };

static const uint32_t LENGTH_BITS = ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

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

/* The memory of an ArrayBuffer, or NULL once it is detached. */
static uint8_t *memory_now(napi_env env, napi_ref reference)
{
	napi_value buffer;
	void *data = NULL;
	size_t length = 0;

	if (napi_get_reference_value(env, reference, &buffer) != napi_ok || !buffer ||
	    napi_get_arraybuffer_info(env, buffer, &data, &length) != napi_ok)
		return NULL;
	return length == 0 ? NULL : data;
}

static const struct shared *bound_to(napi_env env, napi_callback_info info, uint8_t **memory)
{
	void *shared = NULL;
	size_t argc = 0;

	if (napi_get_cb_info(env, info, &argc, NULL, NULL, &shared) != napi_ok)
		return NULL;
	*memory = memory_now(env, ((const struct shared *)shared)->memory);
	return *memory ? shared : NULL;
}

static uint64_t load_position(const uint8_t *memory, size_t offset)
{
	return __atomic_load_n((const uint64_t *)(const void *)(memory + offset), __ATOMIC_ACQUIRE);
}

/* Sets THEIRS to the position of the other side. */
static napi_value call_load(napi_env env, napi_callback_info info)
{
	uint8_t *memory;
	const struct shared *shared = bound_to(env, info, &memory);

	if (shared)
		shared->state[THEIRS] = (double)load_position(memory, shared->offset);
	return NULL;
}

/* Shows POSITION to the other side as ours, and all that was read or written before. */
static napi_value call_store(napi_env env, napi_callback_info info)
{
	uint8_t *memory;
	const struct shared *shared = bound_to(env, info, &memory);

	if (shared)
		__atomic_store_n((uint64_t *)(void *)(memory + shared->offset),
		                 (uint64_t)shared->state[POSITION], __ATOMIC_RELEASE);
	return NULL;
}

/* What a scan has found so far. */
struct scan {
	uint64_t start;
	uint64_t position;
	uint64_t end;
	uint32_t count;
	uint32_t most;
};

static struct scan begin_scan(const struct shared *shared, const uint8_t *memory)
{
	const double most = shared->state[COUNT];
	struct scan scan = {
		.start = (uint64_t)shared->state[POSITION],
		.end = load_position(memory, shared->offset),
		.most = (uint32_t)shared->capacity,
	};

	if (most >= 0 && most < (double)shared->capacity)
		scan.most = (uint32_t)most;
	scan.position = scan.start;
	return scan;
}

/* The memory of what was found is given back in one piece, so a scan ends after an eighth of the memory. */
static bool goes_on(const struct shared *shared, const struct scan *scan)
{
	return scan->position < scan->end && scan->count < scan->most &&
	       scan->position - scan->start < shared->size / 8;
}

static void found(const struct shared *shared, struct scan *scan, uint64_t place, uint32_t length)
{
	shared->places[2 * scan->count] = (uint32_t)place;
	shared->places[2 * scan->count + 1] = length;
	scan->count++;
}

static void end_scan(const struct shared *shared, const struct scan *scan)
{
	shared->state[READY] = (double)scan->position;
	shared->state[THEIRS] = (double)scan->end;
	shared->state[COUNT] = scan->count;
}

/*
 * Finds complete records of a ring buffer from POSITION on, COUNT at most. Sets THEIRS to the writer's position, READY
 * to the position after what was found, and COUNT to the number of records that were not discarded. Their places count
 * from the start of the data, which is mapped twice in a row, so they only ever grow. What was written to the records
 * before can be read plainly from then on.
 */
static napi_value call_scan(napi_env env, napi_callback_info info)
{
	uint8_t *memory;
	const struct shared *shared = bound_to(env, info, &memory);

	if (!shared)
		return NULL;
	struct scan scan = begin_scan(shared, memory);
	const uint8_t *data = memory + shared->data;
	const uint64_t first = scan.start & (shared->size - 1) & ~(uint64_t)7;

	while (goes_on(shared, &scan)) {
		const void *header = data + (scan.position & (shared->size - 1) & ~(uint64_t)7);
		const uint32_t word = __atomic_load_n((const uint32_t *)header, __ATOMIC_ACQUIRE);
		const uint32_t length = word & LENGTH_BITS;
		const uint64_t next = scan.position + ((BPF_RINGBUF_HDR_SZ + length + 7) & ~7U);

		if ((word & BPF_RINGBUF_BUSY_BIT) || next > scan.end)
			break;
		if (!(word & BPF_RINGBUF_DISCARD_BIT))
			found(shared, &scan, first + (scan.position - scan.start) + BPF_RINGBUF_HDR_SZ, length);
		scan.position = next;
	}
	end_scan(shared, &scan);
	return NULL;
}

/* From the writer's position to that of overwritten records (struct bpf_ringbuf of kernel/bpf/ringbuf.c). */
enum { TO_OVERWRITTEN = 16 };

/*
 * Does the same for a ring that overwrites unread records, and copies what it finds: places count from the start of the
 * copies. The kernel moves the position of overwritten records first and then writes over them. So a copy is whole if
 * that position has not come past the record when the copy is made. If it has come past POSITION, what is found begins
 * there, and POSITION is set to it.
 *
 * On x86, the kernel's stores are seen in this order. On arm64, the kernel has no barrier between the position and the
 * first stores to a record that it is writing, but has one at the end of each record.
 */
static napi_value call_copy(napi_env env, napi_callback_info info)
{
	uint8_t *memory;
	const struct shared *shared = bound_to(env, info, &memory);
	uint8_t *copies = shared ? memory_now(env, shared->copies) : NULL;

	if (!copies)
		return NULL;
	struct scan scan = begin_scan(shared, memory);

	while (goes_on(shared, &scan)) {
		const uint8_t *header =
			memory + shared->data + (scan.position & (shared->size - 1) & ~(uint64_t)7);
		const uint32_t word = __atomic_load_n((const uint32_t *)(const void *)header, __ATOMIC_ACQUIRE);
		const uint32_t length = word & LENGTH_BITS;
		const uint32_t total = (BPF_RINGBUF_HDR_SZ + length + 7) & ~7U;
		const uint64_t done = scan.position - scan.start;
		const bool fits = !(word & BPF_RINGBUF_BUSY_BIT) && total <= scan.end - scan.position &&
		                  total <= shared->size - done;

		if (fits && !(word & BPF_RINGBUF_DISCARD_BIT))
			memcpy(copies + done, header, total);
		/* The copy is made before the position is read again. */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		const uint64_t overwritten = load_position(memory, shared->offset + TO_OVERWRITTEN);

		if (overwritten > scan.position) {
			if (done > 0)
				break;
			scan.start = scan.position = overwritten;
			scan.end = load_position(memory, shared->offset);
			continue;
		}
		if (!fits)
			break;
		if (!(word & BPF_RINGBUF_DISCARD_BIT))
			found(shared, &scan, done + BPF_RINGBUF_HDR_SZ, length);
		scan.position += total;
	}
	shared->state[POSITION] = (double)scan.start;
	end_scan(shared, &scan);
	return NULL;
}

/*
 * Does what call_scan does for a perf buffer, as far as there are samples with raw data that do not wrap around the end. What
 * stops it, the caller looks at. Everything before the kernel's position is complete.
 */
static napi_value call_scan_perf(napi_env env, napi_callback_info info)
{
	uint8_t *memory;
	const struct shared *shared = bound_to(env, info, &memory);

	if (!shared)
		return NULL;
	struct scan scan = begin_scan(shared, memory);
	const uint8_t *data = memory + shared->data;

	while (goes_on(shared, &scan)) {
		const uint64_t at = scan.position & (shared->size - 1) & ~(uint64_t)7;
		const struct perf_event_header *header = (const void *)(data + at);
		const uint32_t *length = (const uint32_t *)(const void *)(header + 1);
		const uint64_t raw = sizeof(*header) + sizeof(*length);

		if (at == 0 && scan.count > 0)
			break;
		if (header->type != PERF_RECORD_SAMPLE || header->size < raw || header->size % 8 != 0 ||
		    header->size > scan.end - scan.position || header->size > shared->size - at ||
		    *length > header->size - raw)
			break;
		found(shared, &scan, at + raw, *length);
		scan.position += header->size;
	}
	end_scan(shared, &scan);
	return NULL;
}

static void free_shared(napi_env env, void *data, void *hint)
{
	struct shared *shared = data;

	(void)hint;
	if (shared->memory)
		napi_delete_reference(env, shared->memory);
	if (shared->state_ref)
		napi_delete_reference(env, shared->state_ref);
	if (shared->places_ref)
		napi_delete_reference(env, shared->places_ref);
	if (shared->copies)
		napi_delete_reference(env, shared->copies);
	free(shared);
}

/* Reads (memory, state, offset) and checks that all accesses will be within them. */
static bool read_shared(napi_env env, const napi_value *argv, struct shared *shared)
{
	napi_typedarray_type type;
	void *memory, *state;
	size_t length, count;
	uint32_t values[3] = { 0 };

	for (int i = 0; i < 3; i++)
		if (napi_get_value_uint32(env, argv[2 + i], &values[i]) != napi_ok)
			return false;
	if (napi_get_arraybuffer_info(env, argv[0], &memory, &length) != napi_ok ||
	    napi_get_typedarray_info(env, argv[1], &type, &count, &state, NULL, NULL) != napi_ok)
		return false;
	shared->state = state;
	shared->offset = values[0];
	shared->data = values[1];
	shared->size = values[2];
	if (type != napi_float64_array || count < STATE_LENGTH || shared->offset % 8 != 0 ||
	    shared->offset + 8 > length || shared->data % 8 != 0 || (shared->size & (shared->size - 1)) != 0 ||
	    shared->data + shared->size > length) {
		napi_throw_range_error(env, NULL, "the shared memory is too short for that, or not aligned");
		return false;
	}
	return napi_create_reference(env, argv[0], 1, &shared->memory) == napi_ok &&
	       napi_create_reference(env, argv[1], 1, &shared->state_ref) == napi_ok;
}

/* Reads the array for the places of records, which only scans have. */
static bool read_places(napi_env env, napi_value places, struct shared *shared)
{
	napi_typedarray_type type;
	napi_valuetype kind;
	void *data;
	size_t length;

	if (napi_typeof(env, places, &kind) != napi_ok)
		return false;
	if (kind == napi_undefined)
		return true;
	if (napi_get_typedarray_info(env, places, &type, &length, &data, NULL, NULL) != napi_ok)
		return false;
	if (type != napi_uint32_array) {
		napi_throw_type_error(env, NULL, "the places of records must be a Uint32Array");
		return false;
	}
	shared->places = data;
	shared->capacity = length / 2;
	return napi_create_reference(env, places, 1, &shared->places_ref) == napi_ok;
}

/* Reads the ArrayBuffer for copies of records, for which the data of the ring has to be mapped twice in a row. */
static bool read_copies(napi_env env, const napi_value *argv, struct shared *shared)
{
	napi_valuetype kind;
	void *data;
	size_t length, mapped;

	if (napi_typeof(env, argv[6], &kind) != napi_ok)
		return false;
	if (kind == napi_undefined)
		return true;
	if (napi_get_arraybuffer_info(env, argv[6], &data, &length) != napi_ok ||
	    napi_get_arraybuffer_info(env, argv[0], &data, &mapped) != napi_ok)
		return false;
	if (length < shared->size || shared->data + 2 * shared->size > mapped ||
	    shared->offset + TO_OVERWRITTEN + 8 > mapped) {
		napi_throw_range_error(env, NULL, "the memory is too short for copies of records");
		return false;
	}
	return napi_create_reference(env, argv[6], 1, &shared->copies) == napi_ok;
}

static napi_value bind(napi_env env, napi_callback_info info, napi_callback callback)
{
	napi_value argv[7], function;
	size_t argc = 7;
	struct shared *shared = calloc(1, sizeof(*shared));

	if (!shared) {
		napi_throw_error(env, NULL, "out of memory");
		return NULL;
	}
	if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok || !read_shared(env, argv, shared) ||
	    !read_places(env, argv[5], shared) || !read_copies(env, argv, shared) ||
	    napi_create_function(env, NULL, 0, callback, shared, &function) != napi_ok ||
	    napi_add_finalizer(env, function, shared, free_shared, NULL, NULL) != napi_ok) {
		throw_last_error(env);
		free_shared(env, shared, NULL);
		return NULL;
	}
	return function;
}

/* bindLoad(memory, state, offset, 0, 0): see call_load */
napi_value js_bind_load(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_load);
}

/* bindStore(memory, state, offset, 0, 0): see call_store */
napi_value js_bind_store(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_store);
}

/* bindScan(memory, state, offset, data, size, places): see call_scan */
napi_value js_bind_scan(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_scan);
}

/* bindScanPerf(memory, state, offset, data, size, places): see call_scan_perf */
napi_value js_bind_scan_perf(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_scan_perf);
}

/* bindCopy(memory, state, offset, data, size, places, copies): see call_copy */
napi_value js_bind_copy(napi_env env, napi_callback_info info)
{
	return bind(env, info, call_copy);
}
