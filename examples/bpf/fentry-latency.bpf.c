// Measures how long a kernel function takes: a histogram by powers of two. The function is chosen before the load.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define SLOTS 64

/* The time when each thread entered the function. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 10240);
  __type(key, __u64);
  __type(value, __u64);
} started SEC(".maps");

/* histogram[n] counts calls that took from 2^n to 2^(n+1) nanoseconds. */
__u64 histogram[SLOTS] = {};

SEC("fentry")
int on_entry(void *ctx) {
  __u64 thread = bpf_get_current_pid_tgid();
  __u64 now = bpf_ktime_get_ns();
  bpf_map_update_elem(&started, &thread, &now, BPF_ANY);
  return 0;
}

static __u32 log2(__u64 value) {
  __u32 result = 0;
#pragma unroll
  for (int bits = 32; bits > 0; bits /= 2) {
    if (value >> bits) {
      value >>= bits;
      result += bits;
    }
  }
  return result;
}

SEC("fexit")
int on_exit(void *ctx) {
  __u64 thread = bpf_get_current_pid_tgid();
  __u64 *start = bpf_map_lookup_elem(&started, &thread);
  if (!start) return 0;
  __u32 slot = log2(bpf_ktime_get_ns() - *start);
  bpf_map_delete_elem(&started, &thread);
  if (slot < SLOTS) __sync_fetch_and_add(&histogram[slot], 1);
  return 0;
}

char LICENSE[] SEC("license") = "GPL";
