package main

import (
	"errors"
	"os"

	"github.com/cilium/ebpf/btf"
)

var spec *btf.Spec

func btfIndex(int) (err error) {
	spec, err = btf.LoadKernelSpec()
	return err
}

func btfSetup() error {
	if len(os.Args) < 3 {
		return errors.New("btf-find needs names of structs")
	}
	return btfIndex(1)
}

// btfOpenFind is btfFind, but its first operation includes the indexing.
func btfOpenFind(count int) error {
	if spec == nil {
		if err := btfSetup(); err != nil {
			return err
		}
	}
	return btfFind(count)
}

func btfFind(count int) error {
	names := os.Args[2:]
	for i := range count {
		var found *btf.Struct
		if err := spec.TypeByName(names[i%len(names)], &found); err != nil {
			return err
		}
		total += uint64(found.Size)
	}
	return nil
}
