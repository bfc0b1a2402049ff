/*
 * The floor: what a bare bpf(2) call costs in C, with nothing around it. Where a loop allows it, the attribute is
 * filled only once, so that no library can do less.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "serve.h"

/* The attribute of BPF_MAP_CREATE in Linux 6.9. The header of the build machine may be older. */
struct create_attr {
	uint32_t map_type, key_size, value_size, max_entries, map_flags;
	uint8_t between[56];
	int32_t map_token_fd;
};
_Static_assert(offsetof(struct create_attr, map_token_fd) == 76, "map_token_fd");

enum { TOKEN_CREATE = 36, TOKEN_FLAG = 1 << 16 };

static int map;
static uint32_t key;
static uint64_t value, total;
static uint32_t *keys;
static uint64_t *values;
static volatile uint64_t *mapped;

static long bpf(int command, void *attr, unsigned int size)
{
	return syscall(SYS_bpf, command, attr, size);
}

static int create(uint32_t type, uint32_t entries, uint32_t flags, int token)
{
	struct create_attr attr = {
		.map_type = type,
		.key_size = 4,
		.value_size = 8,
		.max_entries = entries,
		.map_flags = flags | (token > 0 ? TOKEN_FLAG : 0),
		.map_token_fd = token,
	};
	int fd = (int)bpf(BPF_MAP_CREATE, &attr, token > 0 ? sizeof(attr) : 72);

	if (fd < 0)
		fail("map_create: %s", strerror(errno));
	return fd;
}

static union bpf_attr element(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&value;
	return attr;
}

static void loop(int command, uint64_t count, uint32_t mask)
{
	union bpf_attr attr = element();

	if (command == BPF_MAP_DELETE_ELEM)
		attr.value = 0;
	for (uint64_t i = 0; i < count; i++) {
		key = (uint32_t)i & mask;
		if (bpf(command, &attr, 32))
			fail("bpf command %d: %s", command, strerror(errno));
		total += value;
	}
}

static void fill(uint64_t count)
{
	loop(BPF_MAP_UPDATE_ELEM, count, ~0u);
}

static void lookup(uint64_t count)
{
	loop(BPF_MAP_LOOKUP_ELEM, count, SMALL_ENTRIES - 1);
}

static void update(uint64_t count)
{
	loop(BPF_MAP_UPDATE_ELEM, count, SMALL_ENTRIES - 1);
}

static void delete(uint64_t count)
{
	loop(BPF_MAP_DELETE_ELEM, count, ~0u);
}

static void small_hash(void)
{
	map = create(BPF_MAP_TYPE_HASH, SMALL_ENTRIES, 0, 0);
	fill(SMALL_ENTRIES);
}

static void small_array(void)
{
	map = create(BPF_MAP_TYPE_ARRAY, SMALL_ENTRIES, 0, 0);
}

static void delete_hash(void)
{
	map = create(BPF_MAP_TYPE_HASH, DELETE_ENTRIES, 0, 0);
}

static void batch_hash(void)
{
	map = create(BPF_MAP_TYPE_HASH, BATCH_ENTRIES, 0, 0);
	fill(BATCH_ENTRIES);
	keys = calloc(BATCH_ENTRIES, sizeof(*keys));
	values = calloc(BATCH_ENTRIES, sizeof(*values));
}

/* One operation is one entry; a round is a whole number of passes over the map. */
static void batch_lookup(uint64_t count)
{
	for (uint64_t done = 0; done < count; done += BATCH_ENTRIES) {
		union bpf_attr attr;
		uint32_t position;

		memset(&attr, 0, sizeof(attr));
		attr.batch.map_fd = (uint32_t)map;
		attr.batch.out_batch = (uintptr_t)&position;
		attr.batch.keys = (uintptr_t)keys;
		attr.batch.values = (uintptr_t)values;
		attr.batch.count = BATCH_ENTRIES;
		if (bpf(BPF_MAP_LOOKUP_BATCH, &attr, 56) && errno != ENOENT)
			fail("map_lookup_batch: %s", strerror(errno));
		if (attr.batch.count != BATCH_ENTRIES)
			fail("map_lookup_batch: %u entries", attr.batch.count);
		total += values[0];
	}
}

static void mapped_array(void)
{
	map = create(BPF_MAP_TYPE_ARRAY, SMALL_ENTRIES, BPF_F_MMAPABLE, 0);
	mapped = mmap(NULL, SMALL_ENTRIES * 8, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (mapped == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
}

static void mapped_read(uint64_t count)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < count; i++)
		sum += mapped[i & (SMALL_ENTRIES - 1)];
	total += sum;
}

static void map_create(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		close(create(BPF_MAP_TYPE_HASH, SMALL_ENTRIES, 0, 0));
}

/* Makes a token from the usual mount, and one map with it: the least that a new process can do. */
static void map_create_first(uint64_t count)
{
	struct {
		uint32_t flags, bpffs_fd;
	} attr = { 0, 0 };
	int mount = open("/sys/fs/bpf", O_RDONLY | O_DIRECTORY | O_CLOEXEC), token;

	(void)count;
	if (mount < 0)
		fail("open /sys/fs/bpf: %s", strerror(errno));
	attr.bpffs_fd = (uint32_t)mount;
	token = (int)bpf(TOKEN_CREATE, &attr, sizeof(attr));
	if (token < 0)
		fail("token_create: %s", strerror(errno));
	close(mount);
	create(BPF_MAP_TYPE_HASH, SMALL_ENTRIES, 0, token);
}

struct btf_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t hdr_len, type_off, type_len, str_off, str_len;
};

/* How many bytes follow a type's twelve-byte head, by kind (Documentation/bpf/btf.rst); -1: no such kind. */
static long tail(uint32_t info)
{
	uint32_t vlen = info & 0xffff;

	switch (info >> 24 & 0x1f) {
	case 1: /* int */
	case 14: /* var */
	case 17: /* decl_tag */
		return 4;
	case 3: /* array */
		return 12;
	case 4: /* struct */
	case 5: /* union */
	case 15: /* datasec */
	case 19: /* enum64 */
		return 12 * (long)vlen;
	case 6: /* enum */
	case 13: /* func_proto */
		return 8 * (long)vlen;
	case 2: case 7: case 8: case 9: case 10: case 11: case 12: case 16: case 18:
		return 0;
	default:
		return -1;
	}
}

/* Maps vmlinux BTF, or reads it if the kernel cannot map it, and notes where every type starts. */
static void btf_index(uint64_t count)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat file;
	const struct btf_header *header;
	const uint8_t *types, *bytes;
	uint32_t *starts, length = 0;

	(void)count;
	if (fd < 0 || fstat(fd, &file))
		fail("/sys/kernel/btf/vmlinux: %s", strerror(errno));
	bytes = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		uint8_t *copy = malloc((size_t)file.st_size);
		size_t done = 0;

		while (done < (size_t)file.st_size) {
			ssize_t part = read(fd, copy + done, (size_t)file.st_size - done);

			if (part <= 0)
				fail("read vmlinux: %s", strerror(errno));
			done += (size_t)part;
		}
		bytes = copy;
	}
	close(fd);
	header = (const void *)bytes;
	types = bytes + header->hdr_len + header->type_off;
	starts = calloc(header->type_len / 12 + 1, sizeof(*starts));
	for (uint32_t at = 0; at < header->type_len;) {
		uint32_t info;
		long more;

		memcpy(&info, types + at + 4, 4);
		more = tail(info);
		if (more < 0)
			fail("BTF kind %u at offset %u", info >> 24 & 0x1f, at);
		starts[length++] = at;
		at += 12 + (uint32_t)more;
	}
	if (length > 0)
		total += length + starts[length - 1];
}

static const struct bench_case cases[] = {
	{ "hash-lookup", small_hash, NULL, lookup, NULL },
	{ "hash-update", small_hash, NULL, update, NULL },
	{ "hash-delete", delete_hash, fill, delete, NULL },
	{ "array-lookup", small_array, NULL, lookup, NULL },
	{ "array-update", small_array, NULL, update, NULL },
	{ "batch-lookup", batch_hash, NULL, batch_lookup, NULL },
	{ "mapped-read", mapped_array, NULL, mapped_read, NULL },
	{ "map-create", NULL, NULL, map_create, NULL },
	{ "map-create-first", NULL, NULL, map_create_first, NULL },
	{ "btf-index", NULL, NULL, btf_index, NULL },
};

int main(int argc, char **argv)
{
	serve(cases, sizeof(cases) / sizeof(*cases), argc > 1 ? argv[1] : "");
}
