package main

import (
	"bufio"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
)

// stats are what the server knows of itself.
type stats struct {
	Goroutines int    `json:"goroutines"`
	HeapBytes  uint64 `json:"heap_bytes"` // of objects, with those that wait to be collected
	RSSBytes   uint64 `json:"rss_bytes"`  // 0 where the system does not tell
	GCCycles   uint64 `json:"gc_cycles"`
	Accounts   int    `json:"accounts"`
}

// readStats returns the stats as they are now. It uses runtime/metrics, because
// runtime.ReadMemStats stops the world.
func readStats(store *forgetfulStore) stats {
	m := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(m)
	return stats{
		Goroutines: runtime.NumGoroutine(),
		HeapBytes:  m[0].Value.Uint64(),
		RSSBytes:   residentBytes(),
		GCCycles:   m[1].Value.Uint64(),
		Accounts:   store.Len(),
	}
}

// residentBytes returns the resident memory of this process, or 0 where the system does not
// tell. Linux has it as VmRSS, in KiB.
func residentBytes() uint64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kib, _ := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
			return kib << 10
		}
	}
	return 0
}
