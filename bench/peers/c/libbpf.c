/* The peer in C: the same cases through libbpf's public calls. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <unistd.h>

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

static const struct bench_case cases[] = {
	{ "hash-lookup", small_hash, NULL, lookup },
	{ "hash-update", small_hash, NULL, update },
	{ "hash-delete", delete_hash, fill, delete },
	{ "array-lookup", small_array, NULL, lookup },
	{ "array-update", small_array, NULL, update },
	{ "batch-lookup", batch_hash, NULL, batch_lookup },
	{ "map-create", NULL, NULL, map_create },
	{ "btf-index", NULL, NULL, btf_index },
	{ "btf-find", btf_setup, NULL, btf_find },
};

int main(int argc, char **argv)
{
	if (argc > 2) {
		names = argv + 2;
		names_length = (uint64_t)argc - 2;
	}
	serve(cases, sizeof(cases) / sizeof(*cases), argc > 1 ? argv[1] : "");
}
