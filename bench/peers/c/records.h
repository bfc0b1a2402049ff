/*
 * Reading records that a BPF program has written before: ring buffers and perf buffers, through libbpf. The first
 * argument is the size of a record.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "serve.h"

enum { RING_BYTES = 1 << 24, MOST_LATENCIES = 100000 };

#define INSN(c, d, s, o, i) ((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOV(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define COPY(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ADD(d, i) INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define CALL(i) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, i)
#define STORE(d, s, o) INSN(BPF_STX | BPF_MEM | BPF_DW, d, s, o, 0)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define MAP(d, fd) INSN(BPF_LD | BPF_IMM | BPF_DW, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)

static struct ring_buffer *ring;
static struct perf_buffer *perf;
static int records_map, filler;
static uint32_t record_size;
static uint64_t records_seen, records_sum;
static uint64_t *latencies;

/* Loads a program that is run with a packet. */
static int load_filler(const struct bpf_insn *code, size_t length)
{
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "filler", "GPL", code, length, NULL);

	if (fd < 0)
		fail("bpf_prog_load: %s", strerror(errno));
	return fd;
}

/* A program that writes one record, which begins with the time, twice. */
static int ring_filler(int fd, uint32_t size)
{
	const struct bpf_insn code[] = {
		MAP(BPF_REG_1, fd),
		MOV(BPF_REG_2, (int)size),
		MOV(BPF_REG_3, 0),
		CALL(BPF_FUNC_ringbuf_reserve),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 7, 0),
		COPY(BPF_REG_6, BPF_REG_0),
		CALL(BPF_FUNC_ktime_get_ns),
		STORE(BPF_REG_6, BPF_REG_0, 0),
		STORE(BPF_REG_6, BPF_REG_0, 8),
		COPY(BPF_REG_1, BPF_REG_6),
		MOV(BPF_REG_2, 0),
		CALL(BPF_FUNC_ringbuf_submit),
		MOV(BPF_REG_0, 0),
		EXIT,
	};

	return load_filler(code, sizeof(code) / sizeof(*code));
}

static void run_filler(int fd, uint64_t count)
{
	static char packet[64];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof(packet),
	            .repeat = (int)count);

	if (bpf_prog_test_run_opts(fd, &options))
		fail("bpf_prog_test_run_opts: %s", strerror(errno));
}

static int on_record(void *context, void *data, size_t size)
{
	(void)context, (void)size;
	records_sum += *(const uint64_t *)data;
	records_seen++;
	return 0;
}

static void read_size(char **arguments, uint64_t length)
{
	record_size = length > 0 ? (uint32_t)strtoul(arguments[0], NULL, 10) : 0;
	if (record_size < 16 || record_size > 256)
		fail("the first argument is the size of a record");
}

static void ring_open(ring_buffer_sample_fn each)
{
	records_map = bpf_map_create(BPF_MAP_TYPE_RINGBUF, NULL, 0, 0, RING_BYTES, NULL);
	ring = records_map < 0 ? NULL : ring_buffer__new(records_map, each, NULL, NULL);
	if (!ring)
		fail("ring_buffer__new: %s", strerror(errno));
}

static void ring_fill(uint64_t count)
{
	if (!filler)
		filler = ring_filler(records_map, record_size);
	run_filler(filler, count);
	records_seen = 0;
}

static void check_seen(uint64_t count)
{
	if (records_seen != count)
		fail("%" PRIu64 " records of %" PRIu64, records_seen, count);
}

static void ring_read(uint64_t count)
{
	ring_buffer__consume(ring);
	check_seen(count);
}

static void on_sample(void *context, int cpu, void *data, uint32_t size)
{
	(void)cpu;
	on_record(context, data, size);
}

static void perf_open(void)
{
	records_map = bpf_map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, NULL, 4, 4, (uint32_t)libbpf_num_possible_cpus(), NULL);
	perf = records_map < 0 ? NULL : perf_buffer__new(records_map, RING_BYTES / 4096, on_sample, NULL, NULL, NULL);
	if (!perf)
		fail("perf_buffer__new: %s", strerror(errno));
}

static void perf_fill(uint64_t count)
{
	if (!filler) {
		struct bpf_insn code[64] = {
			COPY(BPF_REG_6, BPF_REG_1),
			CALL(BPF_FUNC_ktime_get_ns),
		};
		size_t length = 2;
		const struct bpf_insn output[] = {
			COPY(BPF_REG_1, BPF_REG_6),
			MAP(BPF_REG_2, records_map),
			INSN(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, -1),
			COPY(BPF_REG_4, BPF_REG_10),
			ADD(BPF_REG_4, -(int)record_size),
			MOV(BPF_REG_5, (int)record_size),
			CALL(BPF_FUNC_perf_event_output),
			MOV(BPF_REG_0, 0),
			EXIT,
		};

		for (uint32_t at = 0; at < record_size; at += 8)
			code[length++] = STORE(BPF_REG_10, BPF_REG_0, (int16_t)-(int)(at + 8));
		memcpy(code + length, output, sizeof(output));
		filler = load_filler(code, length + sizeof(output) / sizeof(*output));
	}
	run_filler(filler, count);
	records_seen = 0;
}

static void perf_read(uint64_t count)
{
	perf_buffer__consume(perf);
	check_seen(count);
}

/* Writes one record now and then to the ring whose id is the first argument, from a process of its own. */
static void ring_tick(uint64_t count)
{
	const struct timespec pause = { .tv_nsec = 300000 };

	for (uint64_t i = 0; i < count; i++) {
		nanosleep(&pause, NULL);
		run_filler(filler, 1);
	}
}

static void ring_tick_open(char **arguments, uint64_t length)
{
	int fd = length > 0 ? bpf_map_get_fd_by_id((uint32_t)strtoul(arguments[0], NULL, 10)) : -1;

	if (fd < 0)
		fail("ring-tick needs the id of a ring buffer");
	filler = ring_filler(fd, 16);
}

static int on_tick(void *context, void *data, size_t size)
{
	(void)context, (void)size;
	latencies[records_seen++ % MOST_LATENCIES] = now() - *(const uint64_t *)data;
	return 0;
}

static int by_value(const void *one, const void *other)
{
	const uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return a < b ? -1 : a > b;
}

/* Waits for records of another process. Returns this share of the latencies, times the count: see serve.h. */
static uint64_t ring_latency(uint64_t count, double share)
{
	pid_t child = fork();

	if (child == 0) {
		if (!filler)
			filler = ring_filler(records_map, 16);
		ring_tick(count);
		_exit(0);
	}
	for (records_seen = 0; records_seen < count;)
		ring_buffer__poll(ring, -1);
	waitpid(child, NULL, 0);
	qsort(latencies, count, sizeof(*latencies), by_value);
	return latencies[(uint64_t)((double)(count - 1) * share)] * count;
}

static uint64_t ring_latency_median(uint64_t count)
{
	return ring_latency(count, 0.5);
}

static uint64_t ring_latency_p99(uint64_t count)
{
	return ring_latency(count, 0.99);
}

static void ring_latency_open(void)
{
	latencies = calloc(MOST_LATENCIES, sizeof(*latencies));
	ring_open(on_tick);
}

#endif
