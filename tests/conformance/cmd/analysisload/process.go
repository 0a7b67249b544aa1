package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const clockTicks = 100 // Linux' USER_HZ

// residentKiB is a process' resident memory; 0 where /proc does not tell.
func residentKiB(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kib, _ := strconv.Atoi(fields[1])
			return kib
		}
	}
	return 0
}

// processorSeconds is what a process has used so far, in user and system mode; 0 where /proc does not tell.
func processorSeconds(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The command's name is in parentheses and may hold anything; utime and stime are fields 14 and 15.
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return float64(user+system) / clockTicks
}

type memoryWatch struct {
	end  chan struct{}
	done chan int
}

// watchMemory looks at a process' memory four times a second.
func watchMemory(pid int) memoryWatch {
	watch := memoryWatch{make(chan struct{}), make(chan int)}
	go func() {
		most := 0
		for {
			most = max(most, residentKiB(pid))
			select {
			case <-watch.end:
				watch.done <- max(most, residentKiB(pid))
				return
			case <-time.After(250 * time.Millisecond):
			}
		}
	}()
	return watch
}

// most ends the watch.
func (w memoryWatch) most() int {
	close(w.end)
	return <-w.done
}
