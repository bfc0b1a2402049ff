/*
 * What libbpf makes of an object file, as JSON on standard output.
 *
 *     judge OBJECT                    maps and programs, as the file has them
 *     judge OBJECT BTF [PROGRAM]      each program (or this one) on its own, relocated: its instructions, or the error
 *
 * BTF is a file with the kernel's types, or "-" for the running kernel's. Nothing is loaded but what
 * bpf_object__prepare() needs: maps and the object's own BTF.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char said[4096];

/* Keeps the last warnings: they say why an object was refused. */
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

int main(int count, char **arguments)
{
	if (count < 2 || count > 4) {
		fprintf(stderr, "usage: judge OBJECT [BTF|- [PROGRAM]]\n");
		return 2;
	}
	libbpf_set_print(hear);
	if (count == 2)
		describe(arguments[1]);
	else
		relocate_all(arguments[1], strcmp(arguments[2], "-") ? arguments[2] : NULL,
			     count == 4 ? arguments[3] : NULL);
	return 0;
}
