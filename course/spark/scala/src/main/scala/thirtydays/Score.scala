package thirtydays

import org.apache.spark.sql.SparkSession

/** Scores a table twice, as an RDD and as a DataFrame with a registered function.
  *
  * Arguments: the model's folder; a file of rows such as 1.0,2.0; the output's name; the batch size. The last line on
  * standard output is JSON.
  */
object Score {
  def main(args: Array[String]): Unit = {
    val Array(folder, file, output, batch) = args
    val unknown = Operations.unknown(folder)
    if (unknown.nonEmpty)
      sys.error(s"TensorFlow ${org.tensorflow.TensorFlow.version} does not know ${unknown.mkString(", ")}")

    val spark = SparkSession.builder().getOrCreate()
    val rows = spark.sparkContext.textFile(file, 2).map(_.split(",").map(_.toFloat)).cache()
    rows.count()

    // The RDD: one call of the model for each batch of a partition.
    val start = System.nanoTime
    val scored = rows.mapPartitions(_.grouped(batch.toInt).flatMap(Models.predict(folder, output, _))).collect()
    val between = System.nanoTime

    // The DataFrame: a registered function, called for each row.
    spark.udf.register("tfpredict", (x: Seq[Float]) => Models.predict(folder, output, Seq(x.toArray)).head)
    spark.createDataFrame(rows.zipWithIndex().map(_.swap)).toDF("id", "x").createOrReplaceTempView("rows")
    val table = spark.sql("select id, tfpredict(x) as y from rows").collect()
    val asked = table.sortBy(_.getLong(0)).map(_.getFloat(1))
    val stop = System.nanoTime

    println(
      s"""{"tensorflow": "${org.tensorflow.TensorFlow.version}", "scala": "${util.Properties.versionNumberString}",
         | "loads": ${Models.loads.get}, "rdd": [${scored.mkString(", ")}], "sql": [${asked.mkString(", ")}],
         | "rdd_seconds": ${(between - start) / 1e9}, "sql_seconds": ${(stop - between) / 1e9}}"""
        .stripMargin.replace("\n", ""))
    spark.stop()
  }
}
