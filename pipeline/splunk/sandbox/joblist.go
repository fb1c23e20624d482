package sandbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// maxJobs bounds how many jobs are kept. The oldest of those that are done are
// forgotten when there are more.
const maxJobs = 1000

// A jobList holds the jobs that there are.
type jobList struct {
	places chan struct{} // one for each search that may run at once
	least  time.Duration
	life   context.Context // of all jobs
	end    context.CancelFunc
	wait   sync.WaitGroup

	mu    sync.Mutex
	jobs  map[string]*job
	order []*job // as they were created
	count int    // of all that there ever were
	// failing are the messages with which the next jobs are to fail.
	failing []string
}

func newJobList(cfg Config) *jobList {
	l := &jobList{places: make(chan struct{}, cfg.MaxSearches), least: cfg.MinRun, jobs: map[string]*job{}}
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

func (l *jobList) close() {
	l.end()
	l.wait.Wait()
}

// start begins a job. One whose sid is taken is refused.
func (l *jobList) start(j *job, st *store) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(time.Now())
	l.count++
	if j.sid == "" {
		j.sid = fmt.Sprintf("%d.%d", j.created.Unix(), l.count)
	}
	if l.jobs[j.sid] != nil {
		return splErrorf("There is a search job with the sid '%s' already.", j.sid)
	}
	if len(l.failing) > 0 {
		j.fault, l.failing = l.failing[0], l.failing[1:]
	}
	var ctx context.Context
	ctx, j.cancel = context.WithCancel(l.life)
	l.jobs[j.sid] = j
	l.order = append(l.order, j)
	l.wait.Add(1)
	go func() {
		defer l.wait.Done()
		j.run(ctx, l.places, st, l.least)
	}()
	return nil
}

// sweep forgets jobs that are over, and old ones when there are too many.
func (l *jobList) sweep(now time.Time) {
	many := len(l.order) - maxJobs
	l.order = slices.DeleteFunc(l.order, func(j *job) bool {
		gone := j.expired(now)
		if !gone && many > 0 {
			select {
			case <-j.ended:
				gone = true
			default:
			}
		}
		if gone {
			many--
			j.cancel()
			delete(l.jobs, j.sid)
		}
		return gone
	})
}

// get returns a job and keeps it alive, or nil.
func (l *jobList) get(sid string) *job {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(time.Now())
	j := l.jobs[sid]
	if j != nil {
		j.touch()
	}
	return j
}

// remove cancels a job and forgets it.
func (l *jobList) remove(j *job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	j.cancel()
	delete(l.jobs, j.sid)
	l.order = slices.DeleteFunc(l.order, func(k *job) bool { return k == j })
}

// all returns the jobs, newest first.
func (l *jobList) all() []*job {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(time.Now())
	list := slices.Clone(l.order)
	slices.Reverse(list)
	return list
}

// FailJobs makes the next n search jobs end as FAILED, with a FATAL message.
func (s *Sandbox) FailJobs(n int, text string) {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	for range n {
		s.jobs.failing = append(s.jobs.failing, text)
	}
}
