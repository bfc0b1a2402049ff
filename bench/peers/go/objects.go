package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

var (
	objectBytes []byte
	loaded      *ebpf.Collection
)

// objectSetup reads the object file that the first argument names.
func objectSetup() (err error) {
	if len(os.Args) < 3 {
		return errors.New("object-load needs an object file")
	}
	objectBytes, err = os.ReadFile(os.Args[2])
	return err
}

// objectRead leaves out the program that the second argument names.
func objectRead() (*ebpf.CollectionSpec, error) {
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(objectBytes))
	if err == nil && len(os.Args) > 3 {
		delete(spec.Programs, os.Args[3])
	}
	return spec, err
}

func objectCreate(spec *ebpf.CollectionSpec) (err error) {
	loaded, err = ebpf.NewCollection(spec)
	return err
}

// objectLoad keeps what it loaded until the next load.
func objectLoad(count int) error {
	for range count {
		if loaded != nil {
			loaded.Close()
		}
		spec, err := objectRead()
		if err != nil {
			return err
		}
		if err := objectCreate(spec); err != nil {
			return err
		}
	}
	return nil
}

// objectLoadPart loads once, and returns the time of the part that the third argument names. Reading the kernel's types
// happens in the middle of the load, so they are read once more to time it.
func objectLoadPart(int) (time.Duration, error) {
	start := time.Now()
	spec, err := objectRead()
	if err != nil {
		return 0, err
	}
	reading := time.Since(start)
	start = time.Now()
	if err := objectCreate(spec); err != nil {
		return 0, err
	}
	creating := time.Since(start)
	start = time.Now()
	if _, err := btf.LoadKernelSpec(); err != nil {
		return 0, err
	}
	indexing := time.Since(start)
	switch part := os.Args[len(os.Args)-1]; part {
	case "reading":
		return reading, nil
	case "indexing":
		return indexing, nil
	case "rest":
		return max(creating-indexing, 0), nil
	default:
		return 0, fmt.Errorf("no part %q", part)
	}
}
