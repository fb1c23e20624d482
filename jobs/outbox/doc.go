// Package outbox carries committed events to a sink until they are safe there.
//
// A body leaves the queue when the sink has confirmed it, and in no other way
// but one: an event that the sink will never take is put aside, alone, with
// the sink's words, and the rest of its body goes on. Whatever else happens,
// the body is sent again, with growing pauses. What is sent twice carries the
// same huntd_id.
//
// # What the sink's answers mean
//
// nil removes the body. A [pipeline.RejectedError] that names an event parts it
// from the others; all others are sent again, those before it too: Splunk has
// taken them by then, other receivers have not, and a double can be told by its
// id where a loss cannot. Without a name the body is halved until the culprit
// stands alone. A name is only a hint, for what cuts a body on its way makes the
// receiver name the event at the cut: an event is put aside when it was sent by
// itself and rejected once more.
//
// Any other answer keeps the body and pauses the whole destination: a second,
// then twice as long after each further try that fails, up to once a minute; a
// [pipeline.BusyError] for as long as it asks, within reason. A
// [pipeline.ParkedError] is no different but for the noise that it makes: a
// person must act. The next try takes the body that has been due for longest,
// which is another one if there is another, so that a body that alone is the
// trouble (its index is forbidden, say) does not hold up the rest.
//
// # When the queue fails
//
// An answer that could not be written down, because the disk is full say, is
// kept and written down later, before anything else is sent: else the same
// body would be sent over and over.
//
// Every destination has a worker of its own, so that a dead one holds nobody
// up.
package outbox
