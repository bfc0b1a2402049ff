package main

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
)

// The shape of the measured maps, the same for every contender (see serve.h).
const (
	smallEntries  = 1024
	deleteEntries = 65536
	batchEntries  = 100000
	mmapable      = 1 << 10
)

var (
	theMap *ebpf.Map
	memory *ebpf.Memory
	keys   []uint32
	values []uint64
	total  uint64
)

func create(kind ebpf.MapType, entries, flags uint32) (err error) {
	theMap, err = ebpf.NewMap(&ebpf.MapSpec{
		Type: kind, KeySize: 4, ValueSize: 8, MaxEntries: entries, Flags: flags,
	})
	return err
}

func fill(count int) error {
	for i := range count {
		if err := theMap.Update(uint32(i), uint64(i), ebpf.UpdateAny); err != nil {
			return err
		}
	}
	return nil
}

func smallHash() error {
	if err := create(ebpf.Hash, smallEntries, 0); err != nil {
		return err
	}
	return fill(smallEntries)
}

func smallArray() error {
	return create(ebpf.Array, smallEntries, 0)
}

func deleteHash() error {
	return create(ebpf.Hash, deleteEntries, 0)
}

func lookup(count int) error {
	var value uint64
	for i := range count {
		key := uint32(i) & (smallEntries - 1)
		if err := theMap.Lookup(&key, &value); err != nil {
			return err
		}
		total += value
	}
	return nil
}

func update(count int) error {
	for i := range count {
		key, value := uint32(i)&(smallEntries-1), uint64(i)
		if err := theMap.Update(&key, &value, ebpf.UpdateAny); err != nil {
			return err
		}
	}
	return nil
}

func remove(count int) error {
	for i := range count {
		key := uint32(i)
		if err := theMap.Delete(&key); err != nil {
			return err
		}
	}
	return nil
}

func batchHash() error {
	if err := create(ebpf.Hash, batchEntries, 0); err != nil {
		return err
	}
	keys, values = make([]uint32, batchEntries), make([]uint64, batchEntries)
	return fill(batchEntries)
}

// One operation is one entry; a round is a whole number of passes over the map.
func batchLookup(count int) error {
	for done := 0; done < count; done += batchEntries {
		var cursor ebpf.MapBatchCursor
		n, err := theMap.BatchLookup(&cursor, keys, values, nil)
		if err != nil && !errors.Is(err, ebpf.ErrKeyNotExist) {
			return err
		}
		if n != batchEntries {
			return fmt.Errorf("batch lookup: %d entries", n)
		}
		total += values[0]
	}
	return nil
}

func mappedArray() (err error) {
	if err = create(ebpf.Array, smallEntries, mmapable); err != nil {
		return err
	}
	memory, err = theMap.Memory()
	return err
}

func mappedRead(count int) error {
	value := make([]byte, 8)
	for i := range count {
		if _, err := memory.ReadAt(value, int64(i&(smallEntries-1))*8); err != nil {
			return err
		}
		total += binary.NativeEndian.Uint64(value)
	}
	return nil
}

func mapCreate(count int) error {
	for range count {
		if err := create(ebpf.Hash, smallEntries, 0); err != nil {
			return err
		}
		if err := theMap.Close(); err != nil {
			return err
		}
	}
	return nil
}
