// In the document whose requests are measured: makes them when it is asked to,
// and tells how long each took from the call to the last byte.
{
  const { dataset } = document.documentElement;

  const measure = async ({ url, headers, count, width, patience }) => {
    const [latencies, statuses] = [[], {}];
    const once = async () => {
      const start = performance.now();
      const answer = await fetch(url, { headers });
      await answer.text();
      latencies.push(performance.now() - start);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    };
    for (let index = 0; index < count; index++) await Promise.all(Array.from({ length: width }, once));
    return { latencies, statuses, allowed: patience ? latencies[0] + (await untilAllowed(url, headers, statuses, patience)) : null };
  };

  // Asks again and again, after a first answer that was a refusal.
  const untilAllowed = async (url, headers, statuses, patience) => {
    const start = performance.now();
    for (let status = Object.keys(statuses)[0]; status !== "200"; ) {
      if (performance.now() - start > patience) return NaN;
      await new Promise((resolve) => setTimeout(resolve, 20));
      status = String((await fetch(url, { headers })).status);
    }
    return performance.now() - start;
  };

  document.addEventListener("measure", async () => {
    const told = await measure(JSON.parse(dataset.asked)).catch((error) => ({ error: String(error) }));
    const controlled = navigator.serviceWorker.controller !== null;
    dataset.told = JSON.stringify({ ...told, controlled });
    document.dispatchEvent(new Event("told"));
  });
  dataset.measures = "yes";
}
