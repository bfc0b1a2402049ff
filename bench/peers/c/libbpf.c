/* The peer in C: the same cases through libbpf's public calls. */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "records.h"
#include "serve.h"

static int map;
static uint64_t total;
static uint32_t *keys;
static uint64_t *values;
static struct btf *vmlinux;
static char **names;
static uint64_t names_length;

static int create(enum bpf_map_type type, uint32_t entries)
{
	int fd = bpf_map_create(type, NULL, 4, 8, entries, NULL);

	if (fd < 0)
		fail("bpf_map_create: %s", strerror(errno));
	return fd;
}

static void fill(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint32_t key = (uint32_t)i;

		if (bpf_map_update_elem(map, &key, &i, BPF_ANY))
			fail("bpf_map_update_elem: %s", strerror(errno));
	}
}

static void lookup(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint32_t key = (uint32_t)i & (SMALL_ENTRIES - 1);
		uint64_t value;

		if (bpf_map_lookup_elem(map, &key, &value))
			fail("bpf_map_lookup_elem: %s", strerror(errno));
		total += value;
	}
}

static void update(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint32_t key = (uint32_t)i & (SMALL_ENTRIES - 1);

		if (bpf_map_update_elem(map, &key, &i, BPF_ANY))
			fail("bpf_map_update_elem: %s", strerror(errno));
	}
}

static void delete(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint32_t key = (uint32_t)i;

		if (bpf_map_delete_elem(map, &key))
			fail("bpf_map_delete_elem: %s", strerror(errno));
	}
}

static void small_hash(void)
{
	map = create(BPF_MAP_TYPE_HASH, SMALL_ENTRIES);
	fill(SMALL_ENTRIES);
}

static void small_array(void)
{
	map = create(BPF_MAP_TYPE_ARRAY, SMALL_ENTRIES);
}

static void delete_hash(void)
{
	map = create(BPF_MAP_TYPE_HASH, DELETE_ENTRIES);
}

static void batch_hash(void)
{
	map = create(BPF_MAP_TYPE_HASH, BATCH_ENTRIES);
	fill(BATCH_ENTRIES);
	keys = calloc(BATCH_ENTRIES, sizeof(*keys));
	values = calloc(BATCH_ENTRIES, sizeof(*values));
}

static void batch_lookup(uint64_t count)
{
	for (uint64_t done = 0; done < count; done += BATCH_ENTRIES) {
		uint32_t position, length = BATCH_ENTRIES;

		if (bpf_map_lookup_batch(map, NULL, &position, keys, values, &length, NULL) && errno != ENOENT)
			fail("bpf_map_lookup_batch: %s", strerror(errno));
		if (length != BATCH_ENTRIES)
			fail("bpf_map_lookup_batch: %u entries", length);
		total += values[0];
	}
}

static void map_create(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		close(create(BPF_MAP_TYPE_HASH, SMALL_ENTRIES));
}

static void btf_index(uint64_t count)
{
	(void)count;
	vmlinux = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	if (!vmlinux)
		fail("btf__parse: %s", strerror(errno));
	total += btf__type_cnt(vmlinux);
}

static void btf_setup(void)
{
	if (names_length == 0)
		fail("btf-find needs names of structs");
	btf_index(1);
}

static void btf_find(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		const char *name = names[i % names_length];
		int id = btf__find_by_name_kind(vmlinux, name, BTF_KIND_STRUCT);

		if (id < 0)
			fail("btf__find_by_name_kind %s: %s", name, strerror(-id));
		total += btf__type_by_id(vmlinux, (uint32_t)id)->size;
	}
}

static void btf_names(void)
{
	if (names_length == 0)
		fail("btf-open-find needs names of structs");
}

/* btf_find(), but its first operation includes the indexing. */
static void btf_open_find(uint64_t count)
{
	if (!vmlinux)
		btf_index(1);
	btf_find(count);
}

static void *object_bytes;
static size_t object_size;
static struct bpf_object *loaded;
static uint64_t call_time;

/* Replaces syscall() of the C library, which libbpf uses for bpf(2), to time those calls. */
long syscall(long number, ...)
{
	static long (*next)(long, ...);
	uint64_t start;
	va_list words;
	long a[6], result;

	va_start(words, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(words, long);
	va_end(words);
	if (!next)
		next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	if (number != SYS_bpf)
		return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	start = now();
	result = next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	call_time += now() - start;
	return result;
}

static int silent(enum libbpf_print_level level, const char *format, va_list words)
{
	(void)level, (void)format, (void)words;
	return 0;
}

/* Reads the object file that the first argument names. */
static void object_setup(void)
{
	FILE *file = names_length > 0 ? fopen(names[0], "rb") : NULL;

	if (!file || fseek(file, 0, SEEK_END))
		fail("object-load needs an object file");
	object_size = (size_t)ftell(file);
	object_bytes = malloc(object_size);
	rewind(file);
	if (fread(object_bytes, 1, object_size, file) != object_size)
		fail("read: %s", strerror(errno));
	fclose(file);
	libbpf_set_print(silent);
}

/* Opens it without the program that the second argument names. */
static struct bpf_object *object_open(void)
{
	struct bpf_object *object = bpf_object__open_mem(object_bytes, object_size, NULL);

	if (!object)
		fail("bpf_object__open_mem: %s", strerror(errno));
	if (names_length > 1)
		bpf_program__set_autoload(bpf_object__find_program_by_name(object, names[1]), false);
	return object;
}

/* Keeps what it loaded until the next load. */
static void object_load(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		bpf_object__close(loaded);
		loaded = object_open();
		if (bpf_object__load(loaded))
			fail("bpf_object__load: %s", strerror(errno));
	}
}

/*
 * Loads once, and returns the time of the part that the third argument names. libbpf reads the kernel's types in the
 * middle of the load, so they are read once more to time it.
 */
static uint64_t object_load_part(uint64_t count)
{
	const char *part = names_length > 2 ? names[2] : "";
	uint64_t start = now(), opened, done, indexed, calls;

	(void)count;
	loaded = object_open();
	opened = now();
	call_time = 0;
	if (bpf_object__load(loaded))
		fail("bpf_object__load: %s", strerror(errno));
	done = now();
	calls = call_time;
	btf_index(1);
	indexed = now() - done;
	if (strcmp(part, "reading") == 0)
		return opened - start;
	if (strcmp(part, "indexing") == 0)
		return indexed;
	if (strcmp(part, "calls") == 0)
		return calls;
	if (done - opened < indexed + calls)
		return 0;
	return done - opened - indexed - calls;
}

static void ring_setup(void)
{
	read_size(names, names_length);
	ring_open(on_record);
}

static void perf_setup(void)
{
	read_size(names, names_length);
	perf_open();
}

static void ring_tick_setup(void)
{
	ring_tick_open(names, names_length);
}

static void attach_setup(void)
{
	object_setup();
	loaded = object_open();
	if (bpf_object__load(loaded))
		fail("bpf_object__load: %s", strerror(errno));
}

/* What the attach function of a skeleton does, and its destroy function. */
static void object_attach(uint64_t count)
{
	enum { MOST = 64 };
	struct bpf_link *links[MOST];

	for (uint64_t i = 0; i < count; i++) {
		struct bpf_program *program;
		int length = 0;

		bpf_object__for_each_program(program, loaded) {
			if (length == MOST)
				fail("more than %d programs", MOST);
			links[length] = bpf_program__attach(program);
			if (!links[length++])
				fail("bpf_program__attach: %s", strerror(errno));
		}
		while (length > 0)
			bpf_link__destroy(links[--length]);
	}
}

static const struct bench_case cases[] = {
	{ "hash-lookup", small_hash, NULL, lookup, NULL },
	{ "hash-update", small_hash, NULL, update, NULL },
	{ "hash-delete", delete_hash, fill, delete, NULL },
	{ "array-lookup", small_array, NULL, lookup, NULL },
	{ "array-update", small_array, NULL, update, NULL },
	{ "batch-lookup", batch_hash, NULL, batch_lookup, NULL },
	{ "map-create", NULL, NULL, map_create, NULL },
	{ "btf-index", NULL, NULL, btf_index, NULL },
	{ "btf-find", btf_setup, NULL, btf_find, NULL },
	{ "btf-open-find", btf_names, NULL, btf_open_find, NULL },
	{ "object-load", object_setup, NULL, object_load, NULL },
	{ "object-attach", attach_setup, NULL, object_attach, NULL },
	{ "object-load-part", object_setup, NULL, NULL, object_load_part },
	{ "ring", ring_setup, ring_fill, ring_read, NULL },
	{ "perf", perf_setup, perf_fill, perf_read, NULL },
	{ "ring-tick", ring_tick_setup, NULL, ring_tick, NULL },
	{ "ring-latency", ring_latency_open, NULL, NULL, ring_latency_median },
	{ "ring-latency-p99", ring_latency_open, NULL, NULL, ring_latency_p99 },
};

int main(int argc, char **argv)
{
	if (argc > 2) {
		names = argv + 2;
		names_length = (uint64_t)argc - 2;
	}
	serve(cases, sizeof(cases) / sizeof(*cases), argc > 1 ? argv[1] : "");
}
