/* Finds complete records in shared memory, many in one call: of ring buffers, of rings that overwrite, of perf buffers. */
#include "shared-memory.h"

#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <string.h>

static const uint32_t LENGTH_BITS = ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

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
napi_value call_scan(napi_env env, napi_callback_info info)
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

/*
 * Does the same for a ring that overwrites unread records, and copies what it finds: places count from the start of the
 * copies. The kernel moves the position of overwritten records first and then writes over them. So a copy is whole if
 * that position has not come past the record when the copy is made. If it has come past POSITION, what is found begins
 * there, and POSITION is set to it.
 *
 * On x86, the kernel's stores are seen in this order. On arm64, the kernel has no barrier between the position and the
 * first stores to a record that it is writing, but has one at the end of each record.
 */
napi_value call_copy(napi_env env, napi_callback_info info)
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
napi_value call_scan_perf(napi_env env, napi_callback_info info)
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
