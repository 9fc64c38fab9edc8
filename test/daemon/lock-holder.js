// Takes a lock at a given time, says how that went, and holds it until its standard input ends.
// Arguments: the compiled module, the lock file, the time in milliseconds since the epoch.
const [module, file, at] = process.argv.slice(2);
const { takeLock } = await import(module);
process.stdin.resume().once('end', () => process.exit(0));
while (Date.now() < Number(at)); // Spins, for all contenders are to begin in the same millisecond.
try {
  takeLock(file);
  process.stdout.write('held\n');
} catch (error) {
  process.stdout.write(`${error.message}\n`);
}
