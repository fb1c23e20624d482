package analyzers

import "github.com/huntd/huntd/pipeline"

// A rowHold keeps records until the end of the window. A batch whose records
// are mostly not wanted any more would keep its memory for the few that are;
// those are copied out of it from time to time.
type rowHold struct {
	dict  *pipeline.Dict
	slots []heldRow // one whose record did not fit has no batch
	// alive is how many records the batches hold that slots point into.
	alive int
	over  int // records that did not fit into one batch
	// recent is the record that was shared last, and slot where it is.
	recent heldRow
	slot   int
}

type heldRow struct {
	batch *pipeline.Batch
	row   int
	users int // how many things share the slot, where they do
}

// How much a hold may hold. A batch is bounded by [pipeline.MaxBatchBytes]; half
// of it leaves room for what later stages add.
const (
	holdBytes = pipeline.MaxBatchBytes / 2
	holdSlack = 4096 // records that may be held in vain
)

func newRowHold(dict *pipeline.Dict) *rowHold { return &rowHold{dict: dict} }

// put keeps a record and returns the slot that it is in.
func (h *rowHold) put(b *pipeline.Batch, row int) int {
	h.slots = append(h.slots, heldRow{batch: b, row: row})
	return len(h.slots) - 1
}

// replace keeps a record in the place of another.
func (h *rowHold) replace(slot int, b *pipeline.Batch, row int) {
	h.slots[slot] = heldRow{batch: b, row: row}
}

// share returns the slot of a record that several things point to, one after the
// other.
func (h *rowHold) share(b *pipeline.Batch, row int) int {
	if h.recent.batch != b || h.recent.row != row {
		h.recent, h.slot = heldRow{batch: b, row: row}, h.put(b, row)
	}
	h.slots[h.slot].users++
	return h.slot
}

// move has one of the things that share a slot point to another record; it
// returns that one's slot.
func (h *rowHold) move(slot int, b *pipeline.Batch, row int) int {
	s := &h.slots[slot]
	s.users--
	if s.users == 0 && (h.recent.batch != b || h.recent.row != row) {
		h.recent, h.slot = heldRow{batch: b, row: row}, slot
		*s = heldRow{batch: b, row: row, users: 1}
		return slot
	}
	if s.users == 0 {
		s.batch = nil
	}
	return h.share(b, row)
}

// endBatch says that the slots may point into one batch more. It reports
// whether it has copied the records, so that strings out of them do not point
// where they are any more.
func (h *rowHold) endBatch(b *pipeline.Batch) bool {
	h.alive += b.Len()
	h.recent = heldRow{}
	if h.alive <= 2*len(h.slots)+holdSlack {
		return false
	}
	packed, kept := h.copied(h.slots)
	for i := range h.slots {
		h.slots[i].batch = nil
	}
	for row, slot := range kept {
		h.slots[slot].batch, h.slots[slot].row = packed, row
	}
	h.alive = packed.Len()
	return true
}

// only keeps the records of certain slots, in their order, and numbers the
// slots anew.
func (h *rowHold) only(slots []int) {
	kept := make([]heldRow, len(slots))
	for i, s := range slots {
		kept[i] = h.slots[s]
	}
	h.slots = kept
}

// batch returns the records of certain slots, in their order, and which of the
// slots they are: what did not fit is not there.
func (h *rowHold) batch(slots []int) (b *pipeline.Batch, kept []int) {
	h.only(slots)
	return h.copied(h.slots)
}

func (h *rowHold) copied(rows []heldRow) (b *pipeline.Batch, kept []int) {
	out := pipeline.NewBuilder(h.dict)
	kept = make([]int, 0, len(rows))
	for i, r := range rows {
		if r.batch == nil {
			continue
		}
		if out.Size() > holdBytes {
			h.over++
			continue
		}
		kept = append(kept, i)
		out.Row()
		out.CopyFields(r.batch, r.row)
	}
	return out.Batch(), kept
}
