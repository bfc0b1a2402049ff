// The peer in Go: the same cases through the public calls of github.com/cilium/ebpf.
//
// It speaks the same language as every contender: it prints "ready" when its set-up is done. Then, for each line with a
// number of operations, it prints one line with the nanoseconds that they took.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

// benchCase is one case. setup (once) and prepare (before each round) are not timed. A case that has measure instead of
// run returns the time of a part of its work.
type benchCase struct {
	setup   func() error
	prepare func(count int) error
	run     func(count int) error
	measure func(count int) (time.Duration, error)
}

var cases = map[string]benchCase{
	"hash-lookup":      {setup: smallHash, run: lookup},
	"hash-update":      {setup: smallHash, run: update},
	"hash-delete":      {setup: deleteHash, prepare: fill, run: remove},
	"array-lookup":     {setup: smallArray, run: lookup},
	"array-update":     {setup: smallArray, run: update},
	"batch-lookup":     {setup: batchHash, run: batchLookup},
	"mapped-read":      {setup: mappedArray, run: mappedRead},
	"map-create":       {run: mapCreate},
	"map-create-first": {run: mapCreate},
	"btf-index":        {run: btfIndex},
	"btf-find":         {setup: btfSetup, run: btfFind},
	"btf-open-find":    {run: btfOpenFind},
	"object-load":      {setup: objectSetup, run: objectLoad},
	"object-load-part": {setup: objectSetup, measure: objectLoadPart},
	"ring":             {setup: ringSetup, prepare: recordsFill, run: ringRead},
	"perf":             {setup: perfSetup, prepare: recordsFill, run: perfRead},
}

func check(err error) {
	if err != nil {
		fmt.Printf("error: %v\n", err)
		os.Exit(1)
	}
}

func main() {
	// One thread, so that a trace of it shows all its system calls.
	runtime.LockOSThread()
	name := ""
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	c, ok := cases[name]
	if !ok {
		check(fmt.Errorf("no case %q", name))
	}
	if c.setup != nil {
		check(c.setup())
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		count, err := strconv.Atoi(lines.Text())
		check(err)
		if c.prepare != nil {
			check(c.prepare(count))
		}
		start := time.Now()
		var elapsed time.Duration
		if c.run != nil {
			err = c.run(count)
			elapsed = time.Since(start)
		} else {
			elapsed, err = c.measure(count)
		}
		check(err)
		fmt.Println(elapsed.Nanoseconds())
	}
}
