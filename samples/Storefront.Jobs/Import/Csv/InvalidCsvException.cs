namespace Storefront.Import;

/// <summary>A file as a whole is not one that can be imported; trying again does not help.</summary>
public sealed class InvalidCsvException(string message) : Exception(message);
