/*
 * Prints what libbpf does with an object file, as JSON on standard output.
 *
 *     judge OBJECT                      the maps and programs in the file
 *     judge OBJECT BTF [PROGRAM]        relocates each program (or only this one) on its own: its instructions, or the
 *                                       error
 *     judge --load OBJECT [PROGRAM...]  loads everything that is not optional, or only these programs: what the kernel
 *                                       says about the maps and programs, or the error
 *     judge --usdt OBJECT PROGRAM FILE PROVIDER NAME COOKIE
 *                                       attaches a program to a USDT probe: the map of specs up to the last one that
 *                                       is not zero, in hexadecimal digits, or the error
 *     judge --dedup BTF OUT [BASE]      removes duplicate types and writes the rest: null, or the error
 *
 * BTF is a file with the kernel's types, or "-" for those of the running kernel. Without --load and --usdt, only what
 * bpf_object__prepare() needs is loaded: maps, and the object's own BTF.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char said[4096];

/* Keeps the last warnings. They say why an object was refused. */
static int hear(enum libbpf_print_level level, const char *format, va_list args)
{
	size_t used = strlen(said);

	if (level != LIBBPF_WARN)
		return 0;
	return vsnprintf(said + used, sizeof(said) - used, format, args);
}

static void fail(const char *what)
{
	fprintf(stderr, "judge: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void string(const char *text)
{
	putchar('"');
	for (; text && *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			printf("\\u%04x", *text);
		else
			putchar(*text);
	}
	putchar('"');
}

static struct bpf_object *open_object(const char *file, const char *btf)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = btf);
	struct bpf_object *object = bpf_object__open_file(file, &options);

	if (!object)
		fail(file);
	return object;
}

static void describe(const char *file)
{
	struct bpf_object *object = open_object(file, NULL);
	struct bpf_program *program;
	struct bpf_map *map;
	const char *separator = "";

	printf("{\"maps\":[");
	bpf_object__for_each_map(map, object) {
		printf("%s{\"name\":", separator);
		string(bpf_map__name(map));
		printf(",\"type\":%d,\"keySize\":%u,\"valueSize\":%u,\"maxEntries\":%u,\"flags\":%u}",
		       bpf_map__type(map), bpf_map__key_size(map), bpf_map__value_size(map),
		       bpf_map__max_entries(map), bpf_map__map_flags(map));
		separator = ",";
	}
	printf("],\"programs\":[");
	separator = "";
	bpf_object__for_each_program(program, object) {
		printf("%s{\"name\":", separator);
		string(bpf_program__name(program));
		printf(",\"section\":");
		string(bpf_program__section_name(program));
		printf(",\"type\":%d,\"attachType\":%d,\"flags\":%u,\"instructions\":%zu,\"autoload\":%s}",
		       bpf_program__type(program), bpf_program__expected_attach_type(program),
		       bpf_program__flags(program), bpf_program__insn_cnt(program),
		       bpf_program__autoload(program) ? "true" : "false");
		separator = ",";
	}
	printf("]}\n");
	bpf_object__close(object);
}

/* The instructions as hexadecimal digits, eight bytes each, in memory order. */
static void instructions(const struct bpf_program *program)
{
	const unsigned char *bytes = (const unsigned char *)bpf_program__insns(program);
	size_t length = bpf_program__insn_cnt(program) * sizeof(struct bpf_insn);

	printf("\"code\":\"");
	for (size_t i = 0; i < length; i++)
		printf("%02x", bytes[i]);
	printf("\"");
}

static void relocate(const char *file, const char *btf, const char *name)
{
	struct bpf_object *object = open_object(file, btf);
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), name));
	said[0] = 0;
	printf("{\"name\":");
	string(name);
	if (bpf_object__prepare(object)) {
		printf(",\"error\":");
		string(said);
	} else {
		printf(",");
		instructions(bpf_object__find_program_by_name(object, name));
	}
	printf("}");
	bpf_object__close(object);
}

static void relocate_all(const char *file, const char *btf, const char *only)
{
	struct bpf_object *object = open_object(file, btf);
	struct bpf_program *program;
	const char *separator = "";

	printf("[");
	bpf_object__for_each_program(program, object) {
		const char *name = bpf_program__name(program);

		if (only && strcmp(name, only))
			continue;
		printf("%s", separator);
		relocate(file, btf, name);
		separator = ",\n";
	}
	printf("]\n");
	bpf_object__close(object);
}

static void show_map(const struct bpf_map *map)
{
	struct bpf_map_info info = { 0 };
	__u32 length = sizeof(info);

	if (bpf_map_get_info_by_fd(bpf_map__fd(map), &info, &length))
		fail(bpf_map__name(map));
	printf("{\"name\":");
	string(info.name);
	printf(",\"type\":%u,\"keySize\":%u,\"valueSize\":%u,\"maxEntries\":%u,\"flags\":%u,\"extra\":\"%llu\"",
	       info.type, info.key_size, info.value_size, info.max_entries, info.map_flags,
	       (unsigned long long)info.map_extra);
	printf(",\"btfKeyType\":%u,\"btfValueType\":%u}", info.btf_key_type_id, info.btf_value_type_id);
}

static void show_program(const struct bpf_program *program)
{
	struct bpf_prog_info info = { 0 };
	__u32 length = sizeof(info);

	if (bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &length))
		fail(bpf_program__name(program));
	printf("{\"name\":");
	string(info.name);
	printf(",\"type\":%u,\"tag\":\"", info.type);
	for (size_t i = 0; i < sizeof(info.tag); i++)
		printf("%02x", info.tag[i]);
	printf("\",\"xlatedSize\":%u,\"verifiedInstructions\":%u,\"maps\":%u,\"attachBtfId\":%u,\"gplCompatible\":%s}",
	       info.xlated_prog_len, info.verified_insns, info.nr_map_ids, info.attach_btf_id,
	       info.gpl_compatible ? "true" : "false");
}

static bool is_one_of(const char *name, char **names, int count)
{
	while (count--)
		if (!strcmp(name, *names++))
			return true;
	return false;
}

static void load(const char *file, char **names, int count)
{
	struct bpf_object *object = open_object(file, NULL);
	struct bpf_program *program;
	struct bpf_map *map;
	const char *separator = "";

	/* Without pins, nothing stays loaded. */
	bpf_object__for_each_map(map, object)
		bpf_map__set_pin_path(map, NULL);
	if (count > 0) {
		bpf_object__for_each_program(program, object)
			bpf_program__set_autoload(program, is_one_of(bpf_program__name(program), names, count));
	}
	said[0] = 0;
	if (bpf_object__load(object)) {
		printf("{\"error\":");
		string(said);
		printf("}\n");
		bpf_object__close(object);
		return;
	}
	printf("{\"maps\":[");
	bpf_object__for_each_map(map, object) {
		if (bpf_map__fd(map) < 0)
			continue;
		printf("%s", separator);
		show_map(map);
		separator = ",";
	}
	printf("],\"programs\":[");
	separator = "";
	bpf_object__for_each_program(program, object) {
		if (bpf_program__fd(program) < 0)
			continue;
		printf("%s", separator);
		show_program(program);
		separator = ",";
	}
	printf("]}\n");
	bpf_object__close(object);
}

/* Removes duplicate types from raw BTF, which may continue other BTF, and writes the rest. */
static void dedup(const char *file, const char *out, const char *base_file)
{
	struct btf *base = base_file ? btf__parse_raw(base_file) : NULL;
	struct btf *btf = base_file && !base ? NULL : btf__parse_raw_split(file, base);
	int error = btf ? btf__dedup(btf, NULL) : -errno;
	const void *data;
	unsigned int size;
	FILE *written;

	if (error) {
		printf("{\"error\":");
		string(strerror(-error));
		printf("}\n");
		return;
	}
	data = btf__raw_data(btf, &size);
	written = fopen(out, "wb");
	if (!data || !written || fwrite(data, size, 1, written) != 1 || fclose(written))
		fail(out);
	btf__free(btf);
	btf__free(base);
	printf("null\n");
}

static void usdt(char **arguments)
{
	LIBBPF_OPTS(bpf_usdt_opts, options, .usdt_cookie = strtoull(arguments[5], NULL, 0));
	struct bpf_object *object = open_object(arguments[0], NULL);
	struct bpf_program *program, *wanted = NULL;
	struct bpf_link *link = NULL;
	struct bpf_map *map;
	unsigned char value[4096];
	unsigned int end = 0;

	bpf_object__for_each_program(program, object) {
		bool is_wanted = !strcmp(bpf_program__name(program), arguments[1]);

		bpf_program__set_autoload(program, is_wanted);
		if (is_wanted)
			wanted = program;
	}
	if (wanted && !bpf_object__load(object))
		link = bpf_program__attach_usdt(wanted, -1, arguments[2], arguments[3], arguments[4], &options);
	map = bpf_object__find_map_by_name(object, "__bpf_usdt_specs");
	if (!link || !map || bpf_map__value_size(map) > sizeof(value)) {
		printf("{\"error\":");
		string(said);
		printf("}\n");
		return;
	}
	printf("{\"specs\":[");
	/* Ids are given from 0 on, so the first one without a value ends the list. */
	for (unsigned int id = 0; id < bpf_map__max_entries(map); id++) {
		unsigned int used = 0;

		if (bpf_map__lookup_elem(map, &id, sizeof(id), value, bpf_map__value_size(map), 0))
			fail("specs");
		for (unsigned int i = 0; i < bpf_map__value_size(map); i++)
			used |= value[i];
		if (!used)
			break;
		printf("%s\"", end++ ? "," : "");
		for (unsigned int i = 0; i < bpf_map__value_size(map); i++)
			printf("%02x", value[i]);
		printf("\"");
	}
	printf("]}\n");
	bpf_link__destroy(link);
	bpf_object__close(object);
}

int main(int count, char **arguments)
{
	bool attaching = count == 8 && !strcmp(arguments[1], "--usdt");
	bool loading = count > 2 && !strcmp(arguments[1], "--load");
	bool merging = count > 3 && count < 6 && !strcmp(arguments[1], "--dedup");

	if (count < 2 || (count > 4 && !loading && !merging && !attaching)) {
		fprintf(stderr, "usage: judge OBJECT [BTF|- [PROGRAM]], judge --load OBJECT [PROGRAM...], "
				"judge --usdt OBJECT PROGRAM FILE PROVIDER NAME COOKIE, or judge --dedup BTF OUT [BASE]\n");
		return 2;
	}
	libbpf_set_print(hear);
	if (loading)
		load(arguments[2], arguments + 3, count - 3);
	else if (attaching)
		usdt(arguments + 2);
	else if (merging)
		dedup(arguments[2], arguments[3], count == 5 ? arguments[4] : NULL);
	else if (count == 2)
		describe(arguments[1]);
	else
		relocate_all(arguments[1], strcmp(arguments[2], "-") ? arguments[2] : NULL,
			     count == 4 ? arguments[3] : NULL);
	return 0;
}
