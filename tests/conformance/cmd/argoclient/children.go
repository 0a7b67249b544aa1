package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// children are the process ids of our own child processes, read from Linux' /proc.
func children() ([]int, error) {
	files, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		return nil, err
	}
	pids := []int{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended meanwhile
		}
		for _, field := range strings.Fields(string(content)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

func killChildren() ([]int, error) {
	pids, err := children()
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return pids, err
		}
	}
	return pids, err
}
