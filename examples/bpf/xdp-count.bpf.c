// Counts the packets and bytes that arrive, by IP protocol. Per CPU, so that no two CPUs write the same memory.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* For packets that are not IP: a number that no protocol has. */
#define OTHER 255

struct traffic {
  __u64 packets;
  __u64 bytes;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 256);
  __type(key, __u32);
  __type(value, struct traffic);
} by_protocol SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx) {
  void *data = (void *)(long)ctx->data;
  void *end = (void *)(long)ctx->data_end;
  struct ethhdr *eth = data;
  __u32 protocol = OTHER;

  if ((void *)(eth + 1) <= end) {
    if (eth->h_proto == bpf_htons(ETH_P_IP)) {
      struct iphdr *ip = (void *)(eth + 1);
      if ((void *)(ip + 1) <= end) protocol = ip->protocol;
    } else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
      struct ipv6hdr *ip = (void *)(eth + 1);
      if ((void *)(ip + 1) <= end) protocol = ip->nexthdr;
    }
  }

  struct traffic *traffic = bpf_map_lookup_elem(&by_protocol, &protocol);
  if (traffic) {
    traffic->packets++;
    /* Not end - data: without CAP_PERFMON the verifier does not allow subtracting pointers. */
    traffic->bytes += bpf_xdp_get_buff_len(ctx);
  }
  return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
