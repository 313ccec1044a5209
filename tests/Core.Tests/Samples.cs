using System.Collections;
using System.Reflection;
using NodaTime;

namespace FabLab.Core.Tests;

/// <summary>Fills any record of Core with values, by reflection, so that a new type or property cannot be forgotten by a test.</summary>
internal sealed class Samples(int seed, bool withNulls = false)
{
    private const int MaxDepth = 8;
    private readonly Random _random = new(seed);

    public static Assembly Core => typeof(MachineId).Assembly;

    /// <summary>The concrete types of a closed hierarchy.</summary>
    public static IReadOnlyList<Type> Concrete(Type hierarchy) =>
        [.. Core.GetTypes().Where(type => !type.IsAbstract && type.IsAssignableTo(hierarchy)).OrderBy(type => type.Name, StringComparer.Ordinal)];

    public T Make<T>() => (T)Make(typeof(T), 0)!;

    public object Make(Type type) => Make(type, 0)!;

    private object? Make(Type type, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return withNulls && _random.Next(2) == 0 ? null : Make(inner, depth);
        }

        if (type == typeof(string)) return "texte " + _random.Next(1000) + " é\"<&";
        if (type == typeof(bool)) return _random.Next(2) == 0;
        if (type == typeof(int)) return _random.Next(1, 99);
        if (type == typeof(long)) return _random.NextInt64(1, 1L << 52);
        if (type == typeof(uint)) return (uint)_random.Next(1, 9999);
        if (type == typeof(ushort)) return (ushort)_random.Next(1, 99);
        if (type == typeof(double)) return _random.Next(1, 9999) / 8.0;
        if (type == typeof(UInt128)) return new UInt128((ulong)_random.NextInt64(), (ulong)_random.NextInt64());
        if (type == typeof(Guid)) return NewGuid();
        if (type == typeof(DeviceId)) return new DeviceId("dev-" + _random.Next(100));
        if (type == typeof(Instant)) return Instant.FromUnixTimeMilliseconds(_random.NextInt64(1_700_000_000_000, 1_800_000_000_000));
        if (type == typeof(Duration)) return Duration.FromMilliseconds(_random.Next(1, 100_000_000));
        if (type == typeof(LocalDate)) return new LocalDate(2010 + _random.Next(10), _random.Next(1, 13), _random.Next(1, 28));
        if (type.IsEnum) return Pick(Enum.GetValues(type));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>)) return MakeList(type.GetGenericArguments()[0], depth);
        if (type.IsAbstract) return Make(Pick(Leaves(type, depth)), depth + 1);
        return MakeRecord(type, depth);
    }

    private static Type[] Leaves(Type hierarchy, int depth)
    {
        // Deep in a tree, only what holds no branch of the same tree.
        Type[] all = [.. Concrete(hierarchy)];
        Type[] leaves = [.. all.Where(type => !type.GetProperties().Any(p => Mentions(p.PropertyType, hierarchy)))];
        return depth < MaxDepth / 2 || leaves.Length == 0 ? all : leaves;
    }

    private static bool Mentions(Type type, Type hierarchy) =>
        type == hierarchy || (type.IsGenericType && type.GetGenericArguments().Any(argument => Mentions(argument, hierarchy)));

    private object MakeList(Type item, int depth)
    {
        int count = depth > MaxDepth ? 0 : _random.Next(1, 3);
        Array items = Array.CreateInstance(item, count);
        for (int i = 0; i < count; i++)
        {
            items.SetValue(Make(item, depth + 1), i);
        }

        return typeof(Samples).GetMethod(nameof(ToList), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(item).Invoke(null, [items])!;
    }

    private static ValueList<T> ToList<T>(T[] items) => ValueList.Create<T>(items);

    private object MakeRecord(Type type, int depth)
    {
        ConstructorInfo? constructor = type.GetConstructors()
            .OrderByDescending(c => c.GetParameters().Length)
            .FirstOrDefault(c => c.GetParameters() is not [var only] || only.ParameterType != type);
        NullabilityInfoContext nullability = new();
        object made = constructor is null
            ? Activator.CreateInstance(type)!
            : constructor.Invoke([.. constructor.GetParameters().Select(p => Nulled(nullability.Create(p)) ? null : Make(p.ParameterType, depth + 1))]);
        HashSet<string> given = [.. constructor?.GetParameters().Select(p => p.Name!) ?? []];
        foreach (PropertyInfo property in type.GetProperties())
        {
            bool fill = property.SetMethod is { IsPublic: true } && !given.Contains(property.Name)
                && !(property.Name == "Tracks" && type.Name == "LockOutPending");
            if (fill && !Nulled(nullability.Create(property)))
            {
                property.SetValue(made, Make(property.PropertyType, depth + 1));
            }
        }

        return made;
    }

    private bool Nulled(NullabilityInfo info) =>
        withNulls && info is { WriteState: NullabilityState.Nullable, Type.IsValueType: false } && _random.Next(2) == 0;

    private Guid NewGuid()
    {
        byte[] bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private T Pick<T>(T[] items) => items[_random.Next(items.Length)];

    private object Pick(IList items) => items[_random.Next(items.Count)]!;
}
