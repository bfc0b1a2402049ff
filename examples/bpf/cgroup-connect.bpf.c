// Refuses connections to certain ports for the processes of a cgroup, and counts the attempts.
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, __u16);
  __type(value, __u64);
} refused SEC(".maps");

static int allow(struct bpf_sock_addr *ctx) {
  __u16 port = bpf_ntohs(ctx->user_port);
  __u64 *attempts = bpf_map_lookup_elem(&refused, &port);
  if (!attempts) return 1;
  __sync_fetch_and_add(attempts, 1);
  return 0;
}

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr *ctx) {
  return allow(ctx);
}

SEC("cgroup/connect6")
int connect6(struct bpf_sock_addr *ctx) {
  return allow(ctx);
}

char LICENSE[] SEC("license") = "GPL";
