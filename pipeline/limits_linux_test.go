package pipeline

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestABatchIsBounded(t *testing.T) {
	// Nearly full, of memory that is reserved and for the most part never touched.
	arena, err := syscall.Mmap(-1, 0, MaxBatchBytes+1000, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
	if err != nil {
		if os.Getenv("HUNTD_TEST_REQUIRE") == "1" {
			t.Fatal(err)
		}
		t.Skip("there is no room for a full batch in this process:", err)
	}
	defer func() { _ = syscall.Munmap(arena) }()
	d := NewDecoder(NewDict())
	d.Row()
	d.SetName("first", "x", "y")
	copy(arena, d.block.arena)
	d.block.arena = arena[:MaxBatchBytes-10]
	if err := d.Object([]byte(`{"a":["1234","5678"],"b":"901"}`)); err == nil || !strings.Contains(err.Error(), "batch of more than 2147483647 bytes: ask for fewer records at once") {
		t.Error(err)
	}
	if d.Len() != 1 || d.Size() != MaxBatchBytes-10 || len(d.block.multi) != 2 {
		t.Errorf("%d records, %d bytes, %d lists are left", d.Len(), d.Size(), len(d.block.multi))
	}
	if err := d.Object([]byte(`{"a":["1234","5678"],"b":"90"}`)); err != nil {
		t.Error(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("Set puts more into a batch than fits")
			}
		}()
		d.SetName("c", "x")
	}()
	b := d.Batch()
	if got := b.Values(1, b.Dict().Key("a")).Join(" ") + b.Get(1, b.Dict().Key("b")) + b.Values(0, b.Dict().Key("first")).Join(""); got != "1234 567890xy" {
		t.Error(got)
	}
}
