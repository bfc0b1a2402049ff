// Counts packets and bytes of an interface in both directions, in global variables.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef TCX_NEXT
#define TCX_NEXT -1
#endif

struct traffic {
  __u64 packets;
  __u64 bytes;
};

struct traffic received = {};
struct traffic sent = {};

static void note(struct traffic *traffic, struct __sk_buff *skb) {
  __sync_fetch_and_add(&traffic->packets, 1);
  __sync_fetch_and_add(&traffic->bytes, skb->len);
}

SEC("tcx/ingress")
int on_ingress(struct __sk_buff *skb) {
  note(&received, skb);
  return TCX_NEXT;
}

SEC("tcx/egress")
int on_egress(struct __sk_buff *skb) {
  note(&sent, skb);
  return TCX_NEXT;
}

char LICENSE[] SEC("license") = "GPL";
