package main

import (
	"encoding/binary"
	"errors"
	"os"
	"strconv"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/perf"
	"github.com/cilium/ebpf/ringbuf"
)

const ringBytes = 1 << 24

var (
	recordSize int32
	filler     *ebpf.Program
	ringReader *ringbuf.Reader
	perfReader *perf.Reader
)

// readSize reads the size of a record, which is the first argument.
func readSize() error {
	if len(os.Args) < 3 {
		return errors.New("the first argument is the size of a record")
	}
	size, err := strconv.Atoi(os.Args[2])
	recordSize = int32(size)
	return err
}

func loadFiller(code asm.Instructions) (err error) {
	filler, err = ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.SchedCLS, License: "GPL", Instructions: code})
	return err
}

// recordsFill runs a program that writes one record, as often as there should be records.
func recordsFill(count int) error {
	_, err := filler.Run(&ebpf.RunOptions{Data: make([]byte, 64), Repeat: uint32(count)})
	return err
}

func ringSetup() (err error) {
	if err = readSize(); err != nil {
		return err
	}
	theMap, err = ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: ringBytes})
	if err != nil {
		return err
	}
	err = loadFiller(asm.Instructions{
		asm.LoadMapPtr(asm.R1, theMap.FD()),
		asm.Mov.Imm(asm.R2, recordSize),
		asm.Mov.Imm(asm.R3, 0),
		asm.FnRingbufReserve.Call(),
		asm.JEq.Imm(asm.R0, 0, "full"),
		asm.Mov.Reg(asm.R6, asm.R0),
		asm.FnKtimeGetNs.Call(),
		asm.StoreMem(asm.R6, 0, asm.R0, asm.DWord),
		asm.StoreMem(asm.R6, 8, asm.R0, asm.DWord),
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.Mov.Imm(asm.R2, 0),
		asm.FnRingbufSubmit.Call(),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("full"),
		asm.Return(),
	})
	if err != nil {
		return err
	}
	return openRing()
}

func openRing() (err error) {
	ringReader, err = ringbuf.NewReader(theMap)
	return err
}

func ringRead(count int) error {
	var record ringbuf.Record
	for range count {
		if err := ringReader.ReadInto(&record); err != nil {
			return err
		}
		total += binary.NativeEndian.Uint64(record.RawSample)
	}
	return nil
}

func perfSetup() (err error) {
	if err = readSize(); err != nil {
		return err
	}
	theMap, err = ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.PerfEventArray})
	if err != nil {
		return err
	}
	code := asm.Instructions{asm.Mov.Reg(asm.R6, asm.R1), asm.FnKtimeGetNs.Call()}
	for at := int32(0); at < recordSize; at += 8 {
		code = append(code, asm.StoreMem(asm.R10, int16(-at-8), asm.R0, asm.DWord))
	}
	code = append(code,
		asm.Mov.Reg(asm.R1, asm.R6),
		asm.LoadMapPtr(asm.R2, theMap.FD()),
		asm.LoadImm(asm.R3, 0xffffffff, asm.DWord),
		asm.Mov.Reg(asm.R4, asm.R10),
		asm.Add.Imm(asm.R4, -recordSize),
		asm.Mov.Imm(asm.R5, recordSize),
		asm.FnPerfEventOutput.Call(),
		asm.Mov.Imm(asm.R0, 0),
		asm.Return(),
	)
	if err = loadFiller(code); err != nil {
		return err
	}
	perfReader, err = perf.NewReader(theMap, ringBytes)
	return err
}

func perfRead(count int) error {
	var record perf.Record
	for range count {
		if err := perfReader.ReadInto(&record); err != nil {
			return err
		}
		total += binary.NativeEndian.Uint64(record.RawSample)
	}
	return nil
}
