//! Order of arrival, whoever dies.

use super::*;

/// A holder that ends when there is a file `go`, and then so many waiters, one after the other,
/// each of which writes its number to `log`. `rest` follows, with their `${pid[n]}`.
fn queue(count: usize, rest: &str) -> Child {
    let child = line(&format!(
        "lock 'probe await go'\n\
         for n in $(seq {count}); do\n\
         prun --semaphore --id x --fg \"echo $n >>log\" & pid[n]=$!\n\
         : >at.$n; probe await next.$n\n\
         done\n\
         {rest}"
    ))
    .leaves_processes()
    .start();
    for n in 1..=count {
        child.wait_for_file(format!("at.{n}"));
        wait_for_queue(&child, n);
        fs::write(child.path(format!("next.{n}")), "").expect("the directory is ours");
    }
    child
}

#[test]
fn waiters_get_in_by_order_of_arrival() {
    queue(6, ": >go; wait; cat log")
        .stdout("1\n2\n3\n4\n5\n6\n")
        .success();
}

#[test]
fn the_death_of_a_waiter_lets_nobody_pass() {
    for (killed, order) in [("1", "2\n3\n4\n"), ("2", "1\n3\n4\n"), ("1 2 3", "4\n")] {
        let kill = format!(
            "for n in {killed}; do kill -9 ${{pid[n]}}; wait ${{pid[n]}}; done 2>/dev/null\n\
             lock --st -0 --fg false 2>/dev/null; echo $?\n\
             : >go; wait; cat log"
        );
        queue(4, &kill)
            .stdout(format!("1\n{order}"))
            .stderr_any()
            .success();
    }
}

#[test]
fn a_limit_in_the_queue_lets_the_others_wait_on() {
    queue(
        2,
        "lock --st -0.05 false 2>/dev/null; echo $?; lock --st 0.05 --fg 'echo late' 2>/dev/null\n\
         cat log 2>/dev/null; : >go; wait; cat log",
    )
    .stdout("1\nlate\n1\n2\n")
    .success();
}

#[test]
fn waiting_takes_no_time_of_the_processor() {
    let child = queue(
        3,
        "echo ${pid[@]} >pids.new; mv pids.new pids; probe await go; wait",
    );
    child.wait_for_file("pids");
    let pids = fs::read_to_string(child.path("pids")).expect("it is there");
    // Whoever looks again and again is put to sleep as often.
    let switches = |pid: &str| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it waits");
        let lines = status.lines();
        let count = lines.filter(|line| line.contains("ctxt_switches"));
        count.map(str::to_owned).collect::<Vec<_>>()
    };
    let before: Vec<_> = pids.split_whitespace().map(switches).collect();
    sleep(Duration::from_millis(500));
    let after: Vec<_> = pids.split_whitespace().map(switches).collect();
    fs::write(child.path("go"), "").expect("the directory is ours");
    child.success();
    assert_eq!(before, after);
}

#[test]
fn waiting_for_all_is_for_those_in_the_queue_as_well() {
    queue(2, "lock --wait & : >go; wait $!; cat log")
        .stdout("1\n2\n")
        .success();
}

#[test]
fn the_end_of_a_job_inside_of_another_is_no_release() {
    let child = line(
        "lock -j2 'probe await n; prun --id x --fg true; : >nested; probe await a'\n\
         lock -j2 'probe await b'\n\
         lock -j2 --fg 'echo in; : >a' & wait $!; lock --wait",
    )
    .start();
    wait_for_queue(&child, 1);
    fs::write(child.path("n"), "").expect("the directory is ours");
    child.wait_for_file("nested");
    fs::write(child.path("b"), "").expect("the directory is ours");
    child.stdout("in\n").success();
}
